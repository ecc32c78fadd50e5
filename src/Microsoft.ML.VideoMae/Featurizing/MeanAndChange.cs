// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics.Tensors;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>Makes two vectors of one for each frame: their mean, and the mean absolute difference of neighbours.</summary>
internal ref struct MeanAndChange
{
    private readonly Span<float> _mean, _motion;
    private readonly float[] _previous, _change;
    private int _count;

    /// <param name="features">Where the two go, [2, size].</param>
    public MeanAndChange(Span<float> features)
    {
        int size = features.Length / 2;
        features.Clear();
        _mean = features[..size];
        _motion = features[size..];
        (_previous, _change) = (new float[size], new float[size]);
    }

    /// <summary>Adds the vector of the next frame, [size].</summary>
    public void Add(ReadOnlySpan<float> vector)
    {
        TensorPrimitives.Add(_mean, vector, _mean);
        if (_count++ > 0)
        {
            TensorPrimitives.Subtract(vector, _previous, _change);
            TensorPrimitives.Abs(_change, _change);
            TensorPrimitives.Add(_motion, _change, _motion);
        }

        vector.CopyTo(_previous);
    }

    /// <summary>Divides by the numbers of frames and of neighbours; a single frame changes nowhere.</summary>
    /// <param name="unit">What counts as 1.</param>
    public readonly void Finish(float unit = 1)
    {
        TensorPrimitives.Divide(_mean, unit * _count, _mean);
        TensorPrimitives.Divide(_motion, unit * Math.Max(1, _count - 1), _motion);
    }
}
