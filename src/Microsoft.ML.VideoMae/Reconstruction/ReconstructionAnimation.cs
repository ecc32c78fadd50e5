// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae.Reconstruction;

/// <summary>Makes an animated GIF, by ffmpeg.</summary>
internal static class ReconstructionAnimation
{
    public static byte[] MakeGif(VideoMaeReconstruction reconstruction, double framesPerSecond)
    {
        (byte[] Pixels, int Width, int Height)[] frames = [.. Enumerable.Range(0, reconstruction.Original.Count)
            .Select(i => ReconstructionPicture.DrawFrame(reconstruction, i))];
        string[] arguments =
        [
            "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{frames[0].Width}x{frames[0].Height}",
            "-r", framesPerSecond.ToString(CultureInfo.InvariantCulture), "-i", "pipe:0",
            "-filter_complex", "split[a][b];[a]palettegen[p];[b][p]paletteuse", "-f", "gif", "pipe:1",
        ];
        using var run = new ChildProcess(FFmpegTool.FFmpeg, arguments, frames.SelectMany(f => f.Pixels).ToArray(), default);
        using var gif = new MemoryStream();
        run.Output.CopyTo(gif);
        return run.WaitForExit() == 0
            ? gif.ToArray()
            : throw new IOException($"ffmpeg could not make the GIF: {string.Join(" ", run.ErrorLines())}");
    }
}
