// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Microsoft.ML.VideoMae.Caching;

/// <summary>Names cache entries: a hash of what is read and of the settings that shape its frames.</summary>
internal sealed class CacheKeys(VideoFrameCacheOptions options)
{
    private const int FormatVersion = 1;

    private readonly VideoFrameCacheOptions _options = options;
    private readonly ConcurrentDictionary<string, string> _contents = new(StringComparer.Ordinal);
    private readonly ConditionalWeakTable<MLVideo, string> _inMemory = [];

    public string Key(MLVideo video, VideoReadOptions options, bool hasTimes)
    {
        string text = string.Create(CultureInfo.InvariantCulture,
            $"{FormatVersion}|{Identity(video)}|{options.MaxShortSide}|{options.ApplyRotation}|{options.ApplyPixelAspectRatio}|" +
            $"{_options.JpegQuality}|{hasTimes}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    private string Identity(MLVideo video)
    {
        if (video.Path is null)
            return _inMemory.GetValue(video, static v => "content " + Convert.ToHexStringLower(SHA256.HashData(v.Bytes.Span)));
        if (Directory.Exists(video.Path))
            return FolderIdentity(video.Path);
        RegularFile info = RegularFile.Of(video.Path);
        string file = string.Create(CultureInfo.InvariantCulture, $"file {video.Path} {State(info)}");
        return _options.KeyByContent ? _contents.GetOrAdd(file, static (_, path) => HashFile(path), video.Path) : file;
    }

    private static string HashFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return "content " + Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>A folder of images: the names, sizes and times of its files.</summary>
    private static string FolderIdentity(string path)
    {
        var text = new StringBuilder("folder ").Append(path);
        string[] files = Directory.GetFiles(path);
        Array.Sort(files, StringComparer.Ordinal);
        foreach (string file in files)
            text.Append(CultureInfo.InvariantCulture, $"|{Path.GetFileName(file)} {State(RegularFile.Of(file))}");
        return text.ToString();
    }

    /// <summary>What tells a changed file, and for a link also the file that it leads to.</summary>
    private static string State(RegularFile file)
        => string.Create(CultureInfo.InvariantCulture,
            $"{file.Length} {file.WrittenUtc.Ticks}{(file.LinkTarget is null ? "" : " -> ")}{file.LinkTarget}");
}
