// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Microsoft.ML.VideoMae.Processing;

/// <summary>Rescaling and normalisation of 8-bit pixels: per channel, the float32 value of each of the 256 levels.</summary>
/// <remarks>
/// The table is filled with the reference's own arithmetic. A formula that vectorises is used in its place only if it
/// gives the same bits for all levels, which is checked here, once; so every path yields identical values.
/// </remarks>
internal sealed class PixelTable
{
    private const int Levels = 256;

    private readonly float[][] _values = new float[VideoFrames.Channels][];
    private readonly PixelFormula[] _formulas = new PixelFormula[VideoFrames.Channels];
    private readonly bool[] _formulaIsExact = new bool[VideoFrames.Channels];

    /// <param name="options">What is done to pixels.</param>
    /// <param name="unit">What one level is worth before rescaling: 1, or 1/255 where frames came as floats from 0 to 1.</param>
    public PixelTable(VideoMaeImageProcessorOptions options, double unit = 1)
    {
        for (int c = 0; c < VideoFrames.Channels; c++)
        {
            _values[c] = new float[Levels];
            _formulas[c] = options.Backend == ProcessorBackend.Pillow ? FillNumpy(options, c, unit) : FillTorchvision(options, c);
            _formulaIsExact[c] = true;
            for (int level = 0; level < Levels; level++)
                _formulaIsExact[c] &= _formulas[c].Apply(level).Equals(_values[c][level]);
        }
    }

    /// <summary>The value of one level.</summary>
    public float this[int channel, byte level] => _values[channel][level];

    /// <summary>Whether vectors are used for a channel, since they give the bits of the table.</summary>
    public bool IsVectorised(int channel) => _formulaIsExact[channel];

    /// <summary>Converts a row of one channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Convert(int channel, ReadOnlySpan<byte> source, Span<float> destination, SimdLevel simd = SimdLevel.Vector512)
    {
        destination = destination[..source.Length];
        int x = 0;
        if (_formulaIsExact[channel])
        {
            if (simd >= SimdLevel.Vector512 && Avx512F.IsSupported)
                x = _formulas[channel].Run512(source, destination);
            else if (simd >= SimdLevel.Vector256 && Avx2.IsSupported && Fma.IsSupported)
                x = _formulas[channel].Run256(source, destination);
            else if (simd >= SimdLevel.Vector128 && (Fma.IsSupported || AdvSimd.Arm64.IsSupported))
                x = _formulas[channel].Run128(source, destination);
        }

        ReadOnlySpan<float> table = _values[channel];
        for (; x < source.Length; x++)
            destination[x] = table[source[x]];
    }

    // numpy: float64 product rounded to float32, then float32 subtraction and division.
    private PixelFormula FillNumpy(VideoMaeImageProcessorOptions options, int channel, double unit)
    {
        double factor = options.DoRescale ? options.RescaleFactor : 1;
        float mean = options.DoNormalize ? (float)options.ImageMean[channel] : 0;
        float std = options.DoNormalize ? (float)options.ImageStd[channel] : 1;
        for (int level = 0; level < Levels; level++)
            _values[channel][level] = ((float)((float)(level * unit) * factor) - mean) / std;
        factor *= unit;
        return new PixelFormula((float)factor, (float)(factor - (float)factor), mean, std);
    }

    // torchvision: rescaling is folded into mean and standard deviation where both are asked for.
    private PixelFormula FillTorchvision(VideoMaeImageProcessorOptions options, int channel)
    {
        bool fused = options.DoRescale && options.DoNormalize;
        float factor = options.DoRescale && !fused ? (float)options.RescaleFactor : 1;
        float unscale = fused ? (float)(1 / options.RescaleFactor) : 1;
        float mean = options.DoNormalize ? (float)options.ImageMean[channel] * unscale : 0;
        float std = options.DoNormalize ? (float)options.ImageStd[channel] * unscale : 1;
        for (int level = 0; level < Levels; level++)
            _values[channel][level] = (level * factor - mean) / std;
        return new PixelFormula(factor, 0, mean, std);
    }
}
