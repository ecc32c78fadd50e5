// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Tests.Loading;

/// <summary>A folder that a test fills, and what is logged when it is listed.</summary>
internal sealed class DataSetFolder : IDisposable
{
    private readonly List<string> _warnings = [];
    private readonly List<string> _notes = [];

    public DataSetFolder() => ML.Log += (_, e) => (e.Kind == ChannelMessageKind.Warning ? _warnings : _notes).Add(e.RawMessage);

    public MLContext ML { get; } = new(1);

    public string Path { get; } = TestClips.NewFolder();

    public IReadOnlyList<string> Warnings => _warnings;

    public IReadOnlyList<string> Notes => _notes;

    /// <summary>The only warning.</summary>
    public string Warning => _warnings.Single();

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Writes files with some bytes; listing does not look at them.</summary>
    public DataSetFolder With(params string[] names)
    {
        foreach (string name in names)
            File.WriteAllText(Prepared(name), "x");
        return this;
    }

    public DataSetFolder WithEmpty(string name)
    {
        File.WriteAllText(Prepared(name), "");
        return this;
    }

    /// <summary>Copies a real clip.</summary>
    public DataSetFolder WithClip(string name, string label = "red", int number = 1)
    {
        File.Copy(TestClips.Clip(label, number), Prepared(name));
        return this;
    }

    /// <summary>Writes a folder of frames of one colour.</summary>
    public DataSetFolder WithFrames(string name, SKColor color, int count = 4, string extension = ".png")
    {
        Directory.CreateDirectory(this[name]);
        using var bitmap = new SKBitmap(32, 24);
        bitmap.Erase(color);
        using SKData picture = bitmap.Encode(extension == ".png" ? SKEncodedImageFormat.Png : SKEncodedImageFormat.Jpeg, 90);
        for (int i = 0; i < count; i++)
            File.WriteAllBytes(System.IO.Path.Combine(this[name], $"frame{i}{extension}"), picture.ToArray());
        return this;
    }

    /// <summary>Writes a file whose name is not UTF-8, which .NET cannot.</summary>
    public DataSetFolder WithNotUtf8(string folder) => WithNotUtf8($"printf x > '{this[folder]}'/$'caf\\xe9.mp4'", folder);

    /// <summary>Makes a folder with a file in it whose name is not UTF-8.</summary>
    public DataSetFolder WithFolderThatIsNotUtf8(string parent) =>
        WithNotUtf8($"cd '{this[parent]}' && mkdir $'gr\\xfcn' && printf x > $'gr\\xfcn'/1.mp4", parent);

    /// <summary>Pairs of label and path from the folder on.</summary>
    public string[] Load(string? path = null)
    {
        IDataView data = ML.Data.LoadVideosFromDirectory(path ?? Path);
        return [.. data.GetColumn<string>("Label").Zip(Relative(data, path ?? Path), (label, clip) => $"{label}: {clip}")];
    }

    public string[] LoadUnlabeled(bool includeSubfolders = true) =>
        [.. Relative(ML.Data.LoadUnlabeledVideosFromDirectory(Path, includeSubfolders), Path)];

    /// <summary>The message with which listing fails.</summary>
    public string Fail() => Assert.ThrowsExactly<InvalidOperationException>(() => ML.Data.LoadVideosFromDirectory(Path)).Message;

    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
            Directory.Delete(Path, recursive: true);
        else
            Bash($"rm -r '{Path}'"); // .NET cannot delete what is called so either.
    }

    private static IEnumerable<string> Relative(IDataView data, string path) =>
        data.GetColumn<string>("VideoPath").Select(p => System.IO.Path.GetRelativePath(path, p));

    private DataSetFolder WithNotUtf8(string command, string folder)
    {
        if (OperatingSystem.IsWindows() || OperatingSystem.IsMacOS())
            Assert.Inconclusive("Names are always Unicode here.");
        Directory.CreateDirectory(this[folder]);
        Bash(command);
        return this;
    }

    private static void Bash(string command)
    {
        using Process process = Process.Start("bash", ["-c", command]);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, command);
    }

    private string Prepared(string name)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        return this[name];
    }
}
