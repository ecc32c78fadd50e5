// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace VideoMaeCli;

/// <summary>A row as models are given it.</summary>
internal sealed class VideoInput
{
    public string VideoPath { get; set; } = "";

    public string Label { get; set; } = "";
}
