// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>A clip has fewer frames than a sampler needs, and the sampler was told not to repeat frames.</summary>
public sealed class ClipTooShortException : Exception
{
    /// <summary>Describes the shortage.</summary>
    /// <param name="message">What was found, and what to do.</param>
    public ClipTooShortException(string message)
        : base(message)
    {
    }
}
