// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>A part of the way back: see <see cref="BackwardPass"/>.</summary>
internal abstract class BackwardPiece : IDisposable
{
    /// <summary>Goes this part of the way.</summary>
    /// <param name="passed">To be told of blocks that the way back has gone through.</param>
    internal abstract void Run(Action<TransformerBlock> passed);

    /// <inheritdoc/>
    public abstract void Dispose();
}
