// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>How frames of another shape than the model's are brought to its size; named as in ML.NET's <c>ResizeImages</c>.</summary>
public enum FrameResizing
{
    /// <summary>
    /// The shape of things is kept: frames are resized and then cut to the model's size around the
    /// centre, so what is at the ends of the longer side is not seen.
    /// </summary>
    IsoCrop,

    /// <summary>
    /// The whole frame is seen, stretched to the model's shape: for cameras that stand still, where something happens at the edge.
    /// </summary>
    Fill,
}
