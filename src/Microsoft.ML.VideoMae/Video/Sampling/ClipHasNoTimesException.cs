// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Sampling;

/// <summary>A sampler wants to know when frames are shown, and the clip cannot tell.</summary>
internal sealed class ClipHasNoTimesException : InvalidOperationException
{
    public ClipHasNoTimesException()
        : base("the clip has no frame rate and no timestamps, so no frame belongs to a time. Use a sampler " +
            "that counts frames, such as uniform or dense.")
    {
    }
}
