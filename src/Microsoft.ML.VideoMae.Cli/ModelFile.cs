// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Processing;

namespace VideoMaeCli;

/// <summary>Reads trained models.</summary>
internal static class ModelFile
{
    /// <summary>Whether a name is that of an ML.NET model.</summary>
    public static bool IsZip(string path) => string.Equals(Path.GetExtension(path), ".zip", StringComparison.OrdinalIgnoreCase);

    /// <summary>Where a checkpoint's other files are.</summary>
    public static string FolderOf(string path) =>
        Directory.Exists(path)
            ? path
            : File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : HuggingFaceHub.ResolveModelFolder(path);

    /// <summary>The processor's settings beside a checkpoint's weights; null where there are none.</summary>
    public static VideoMaeImageProcessor? ProcessorOf(string path)
    {
        try
        {
            return VideoMaeImageProcessor.FromPretrained(FolderOf(path));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a model.</exception>
    public static ITransformer Load(MLContext ml, string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model '{path}'. Give a .zip that 'videomae train' or 'videomae pretrain' wrote.");
        try
        {
            return ml.Model.Load(path, out _);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is not an ML.NET model that can be loaded: {e.Message}", e);
        }
    }

    /// <summary>The model of a kind inside.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static T Find<T>(ITransformer model, string path, string kind)
        where T : class, ITransformer =>
        All(model).OfType<T>().LastOrDefault() ?? throw new InvalidDataException($"'{path}' holds no {kind}.");

    private static IEnumerable<ITransformer> All(ITransformer transformer) =>
        transformer is IEnumerable<ITransformer> chain ? chain.SelectMany(All) : [transformer];

    /// <summary>Rows of videos without labels, as models are given them.</summary>
    public static IDataView Rows(MLContext ml, IEnumerable<string> videos) =>
        ml.Data.LoadFromEnumerable(videos.Select(path => new VideoInput { VideoPath = path }).ToArray());
}

/// <summary>A row as models are given it.</summary>
internal sealed class VideoInput
{
    public string VideoPath { get; set; } = "";

    public string Label { get; set; } = "";
}
