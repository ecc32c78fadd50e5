// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Processing;

namespace VideoMaeCli;

/// <summary>Reads trained models.</summary>
internal static class ModelFile
{
    /// <summary>Whether a name is that of an ML.NET model. A .zip of a checkpoint's folder is none.</summary>
    public static bool IsZip(string path) =>
        string.Equals(Path.GetExtension(path), ".zip", StringComparison.OrdinalIgnoreCase) && !PretrainedFiles.IsZipOfFolder(path);

    /// <summary>The files of a checkpoint; what was taken where there was a choice is said.</summary>
    public static PretrainedFiles Checkpoint(string path)
    {
        PretrainedFiles files = PretrainedFiles.Find(path);
        foreach (string note in files.Notes)
            Console.Error.WriteLine(note);
        return files;
    }

    /// <summary>The processor's settings beside a checkpoint's weights; null where there are none.</summary>
    public static VideoMaeImageProcessor? ProcessorOf(PretrainedFiles files)
    {
        try
        {
            return VideoMaeImageProcessor.FromPretrained(files.FolderPath);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A model that scores files: the one in a .zip, or that of a checkpoint with what reads videos before it.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="path">A .zip, a folder, a file or a hub id.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not a model, or has no classifier.</exception>
    public static ITransformer LoadAny(MLContext ml, string path)
    {
        if (IsZip(path))
            return Load(ml, path);
        using PretrainedFiles files = Checkpoint(path);
        return WithVideos(ml, ml.Model.LoadVideoMae(files.WeightsPath));
    }

    /// <summary>What reads files, a classifier, and the names of its classes.</summary>
    public static TransformerChain<ITransformer> WithVideos(MLContext ml, ITransformer classifier)
    {
        IDataView none = Rows(ml, []);
        ITransformer videos = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(none);
        IDataView scored = classifier.Transform(videos.Transform(none));
        return new TransformerChain<ITransformer>(videos, classifier, ml.Transforms.Conversion.MapKeyToValue("PredictedLabel").Fit(scored));
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
        TryFind<T>(model) ?? throw new InvalidDataException($"'{path}' holds no {kind}.");

    /// <summary>The model of a kind inside; null for none.</summary>
    public static T? TryFind<T>(ITransformer model)
        where T : class, ITransformer => All(model).OfType<T>().LastOrDefault();

    /// <summary>All steps of a model, in order.</summary>
    public static IEnumerable<ITransformer> All(ITransformer transformer) =>
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
