// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Modeling;

/// <summary>
/// Trains a small model and writes what every step and epoch measured, and the weights of every process, so that runs of several processes
/// can be compared with those of one.
/// </summary>
internal static class Curve
{
    /// <summary>Dropout everywhere, so that random numbers that depend on the process would be seen.</summary>
    private static readonly VideoMaeConfig s_config = new()
    {
        ImageSize = 16,
        PatchSize = 8,
        NumFrames = 4,
        HiddenSize = 16,
        NumHiddenLayers = 2,
        NumAttentionHeads = 2,
        IntermediateSize = 32,
        HiddenDropoutProb = 0.1,
        AttentionProbsDropoutProb = 0.1,
        DecoderHiddenSize = 16,
        DecoderNumHiddenLayers = 1,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 32,
    };

    /// <param name="isTraining">Whether a classifier is trained, or a model pre-trained.</param>
    /// <param name="dataset">A folder with a folder for each class.</param>
    /// <param name="output">Gets steps.txt, epochs.txt, log.txt and a folder of weights for each process.</param>
    /// <param name="settings">Options by name, such as BatchSize=6.</param>
    public static void Run(bool isTraining, string dataset, string output, string[] settings)
    {
        Directory.CreateDirectory(output);
        var ml = new MLContext(1);
        IDataView data = ml.Data.LoadVideosFromDirectory(dataset);
        var videos = ml.Transforms.Conversion.MapValueToKey("Label").Append(ml.Transforms.LoadVideos("Video", "VideoPath"));
        var lines = new List<string>();
        ml.Log += (_, e) =>
        {
            if (ProcessGroup.Current.IsFirst && e.Kind is Microsoft.ML.Runtime.ChannelMessageKind.Warning or
                Microsoft.ML.Runtime.ChannelMessageKind.Info)
            {
                lock (lines)
                    lines.Add($"{e.Kind}: {e.RawMessage}");
            }
        };
        using var steps = new StreamWriter(Path.Combine(output, $"steps.{ProcessGroup.Current.Rank}.txt")) { AutoFlush = true };
        using var epochs = new StreamWriter(Path.Combine(output, $"epochs.{ProcessGroup.Current.Rank}.txt")) { AutoFlush = true };
        using var stop = new CancellationTokenSource();
        using var signal = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            stop.Cancel();
        });
        void Step(VideoMaeStepMetrics m)
        {
            steps.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{m.Step} {m.Loss:R} {m.GradientNorm:R}"));
            Console.WriteLine(m.Step);
        }

        string folder = Path.Combine(output, $"rank{ProcessGroup.Current.Rank}");
        if (isTraining)
        {
            var options = new VideoMaeTrainer.Options { Config = s_config, NumberOfEpochs = 5, BatchSize = 4, StepCallback = Step };
            options.MetricsCallback = m => epochs.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{m.Epoch} {m.Loss:R} {m.Accuracy:R} {m.ValidationLoss:R} {m.ValidationAccuracy:R}"));
            options.CancellationToken = stop.Token;
            Set(options, settings);
            videos.Append(ml.MulticlassClassification.Trainers.VideoMae(options)).Fit(data).LastTransformer.SavePretrained(folder);
        }
        else
        {
            var options = new VideoMaePretrainingEstimator.Options { Config = s_config, NumberOfEpochs = 5, BatchSize = 4, MaskRatio = 0.75f };
            options.StepCallback = Step;
            options.CancellationToken = stop.Token;
            options.MetricsCallback = m => epochs.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{m.Epoch} {m.Loss:R} {m.ValidationLoss:R} {m.ProbeAccuracy:R}"));
            Set(options, settings);
            videos.Append(ml.Transforms.PretrainVideoMae(options)).Fit(data).LastTransformer.SavePretrained(folder);
        }

        File.WriteAllLines(Path.Combine(output, $"log.{ProcessGroup.Current.Rank}.txt"), lines);
    }

    private static void Set(object options, string[] settings)
    {
        foreach (string setting in settings)
        {
            (string name, string value) = (setting.Split('=')[0], setting.Split('=')[1]);
            if (name == nameof(VideoMaeTrainer.Options.PretrainedModel))
                ((VideoMaeTrainingOptions)options).Config = null;
            FieldInfo field = options.GetType().GetField(name)!;
            Type type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
            field.SetValue(options, type.IsEnum ? Enum.Parse(type, value)
                : type == typeof(TimeSpan) ? TimeSpan.Parse(value, CultureInfo.InvariantCulture)
                : Convert.ChangeType(value, type, CultureInfo.InvariantCulture));
        }
    }
}
