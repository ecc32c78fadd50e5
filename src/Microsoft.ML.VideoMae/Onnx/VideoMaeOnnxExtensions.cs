// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>Saves models as ONNX models.</summary>
public static class VideoMaeOnnxExtensions
{
    /// <param name="model">The model.</param>
    extension(VideoMaePreTrainedModel model)
    {
        /// <summary>
        /// Writes an ONNX model (operator set 17) that takes any number of clips at a time. Its metadata have <c>config</c>,
        /// <c>preprocessor_config</c> and <c>labels</c> (JSON), and <c>license</c> where one is known. A model above 2 GB has its weights in
        /// a second file, named like the first with .data after it.
        /// </summary>
        /// <param name="path">The file, .onnx.</param>
        /// <param name="options">What goes in and out; null takes the defaults.</param>
        /// <param name="processor">
        /// What makes pixel values of frames; null takes the settings of all published checkpoints. One that gives frames of another size
        /// than the model takes is made to give that, as in scoring.
        /// </param>
        /// <exception cref="ArgumentException">An option is not one of those that there are.</exception>
        /// <exception cref="NotSupportedException">The processor does what has no form in ONNX.</exception>
        /// <exception cref="System.IO.IOException">A file cannot be written.</exception>
        public void SaveOnnx(string path, OnnxExportOptions? options = null, VideoMaeImageProcessor? processor = null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            VideoMaeConfig config = model.Config;
            OnnxExport.Write(path, model, options ?? new OnnxExportOptions(),
                ClipProcessor.Fit(processor, config.ImageSize.Height, config.ImageSize.Width), labels: null, sampling: null);
        }
    }
}

/// <summary>Writes a model with what scoring needs beside it.</summary>
internal static class OnnxExport
{
    /// <summary>The <see cref="OnnxExportOptions.FeatureLayer"/> of features that keep place and change.</summary>
    public const int Cells = ClassificationModel.Cells;

    /// <param name="path">The file.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What goes in and out.</param>
    /// <param name="processor">What makes pixel values of frames.</param>
    /// <param name="labels">The names of classes; null for those of the configuration.</param>
    /// <param name="sampling">Which frames make a clip; null where that is not known.</param>
    /// <param name="head">What follows the model; null for nothing.</param>
    public static void Write(string path, VideoMaePreTrainedModel model, OnnxExportOptions options, VideoMaeImageProcessor processor,
        IReadOnlyList<string>? labels, string? sampling, OnnxHead? head = null)
    {
        Check(model, options);
        labels ??= model.Kind == ModelKind.Classification && model.Config.Id2Label is { } names
            ? [.. names.OrderBy(name => name.Key).Select(name => name.Value)] : [];
        var metadata = new Dictionary<string, string>
        {
            ["labels"] = JsonSerializer.Serialize(labels),
            ["preprocessor_config"] = processor.ToJson(),
            ["config"] = model.Config.ToJson(),
        };
        if (sampling is not null)
            metadata["frame_sampling"] = sampling;
        if (LicenseOf(model) is string license)
            metadata["license"] = license;
        OnnxFile.Write(path, OnnxModels.Build(model, options, processor, head), metadata);
    }

    /// <summary>The licence of a model's weights; null where none is known.</summary>
    public static string? LicenseOf(VideoMaePreTrainedModel model) => model.Source is not { License: string license } ? null
        : model.Source.LicenseName is string name ? $"{license} ({name})" : license;

    private static void Check(VideoMaePreTrainedModel model, OnnxExportOptions options)
    {
        if (!Enum.IsDefined(options.Input) || !Enum.IsDefined(options.Output))
            throw new ArgumentException($"Input is {options.Input} and Output is {options.Output}; use the values of the enumerations.");
        if (options.Precision is not (WeightStorage.Float32 or WeightStorage.Float16))
            throw new ArgumentException($"Precision is {options.Precision}; ONNX models are written in Float32 or Float16.");
        if ((options.FeatureLayer < 0 && options.FeatureLayer != Cells) || options.FeatureLayer > model.Config.NumHiddenLayers)
        {
            throw new ArgumentException($"FeatureLayer is {options.FeatureLayer}; the model has blocks 1 to " +
                $"{model.Config.NumHiddenLayers}, and 0 means the last one with what normalises it.");
        }
    }
}
