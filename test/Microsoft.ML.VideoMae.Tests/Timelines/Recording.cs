// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Tests.Timelines;

/// <summary>Recordings of known content, made once by ffmpeg, and models that know them.</summary>
internal static class Recording
{
    private static readonly Lazy<string> s_numbered = new(() => Make("numbered.mp4",
        "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=12", "-g", "30"));

    private static readonly Lazy<string> s_colours = new(() => Make("colours.mp4", Colours(("red", 4), ("black", 3), ("blue", 5), ("red", 3))));

    private static readonly Lazy<string> s_gap = new(() =>
    {
        // From 3 to 9 s nothing was recorded.
        return Make("gap.mkv", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=12", "-vf", "select='lt(t,3)+gte(t,9)'", "-vsync", "0");
    });

    /// <summary>12 s at 10 frames a second, no two alike.</summary>
    public static string Numbered => s_numbered.Value;

    /// <summary>Red to 4 s, black to 7 s, blue to 12 s, red to 15 s.</summary>
    public static string ColoursFile => s_colours.Value;

    /// <summary>12 s, without frames from 3 to 9 s.</summary>
    public static string Gap => s_gap.Value;

    public static string Make(string name, params string[] arguments)
    {
        string folder = TestClips.NewFolder(), path = Path.Combine(folder, name);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        TestClips.Ffmpeg([.. arguments, "-pix_fmt", "yuv420p", "-threads", "1", path]);
        return path;
    }

    /// <summary>Noisy colours as those of the test clips, one after the other.</summary>
    public static string[] Colours(params (string Name, double Seconds)[] parts)
    {
        IEnumerable<string> inputs = parts.SelectMany((p, i) => (string[])
            ["-f", "lavfi", "-i", FormattableString.Invariant(
                $"color={p.Name}:size=32x24:rate=8:duration={p.Seconds},noise=alls=40:all_seed={i + 50}:allf=t")]);
        string joined = string.Concat(Enumerable.Range(0, parts.Length).Select(i => $"[{i}:v]")) + $"concat=n={parts.Length}:v=1:a=0";
        return [.. inputs, "-filter_complex", joined];
    }
}
