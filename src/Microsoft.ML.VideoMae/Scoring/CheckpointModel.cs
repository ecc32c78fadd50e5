// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>Makes a transformer of a fine-tuned checkpoint.</summary>
internal static class CheckpointModel
{
    public static VideoMaeClassificationTransformer Load(IHostEnvironment env, string pathOrId, string featureColumnName, string scoreColumnName,
        string predictedLabelColumnName, FrameSampler? sampler, (int? Clips, int? Crops, bool? Flip) views, WeightStorage storage)
    {
        IHost host = env.Register(nameof(CheckpointModel));
        host.CheckNonWhiteSpace(pathOrId, nameof(pathOrId));
        host.CheckParam(views.Clips is null or > 0 && views.Crops is null or > 0, nameof(views), "The numbers of test clips and crops have to be above 0.");
        using IChannel channel = host.Start("Loading");
        var environment = (IHostEnvironmentInternal)env;
        (TorchSharp.torch.Device device, string reason) = TorchDevice.Select(environment.GpuDeviceId, environment.FallbackToCpu);
        channel.Info(reason);
        ClassifierScorer scorer = ClassifierFactory.ForScoring(pathOrId, sampler, device, VideoErrorPolicy.Throw, views, storage, TemporaryFolder.Of(env), channel);
        return new VideoMaeClassificationTransformer(
            env, DefaultColumnNames.Label, featureColumnName, scoreColumnName, predictedLabelColumnName, Labels(scorer.Config, channel), scorer);
    }

    /// <summary>The names of the classes; where some share one, their numbers tell them apart.</summary>
    private static ClassLabels Labels(VideoMaeConfig config, IChannel channel)
    {
        string[] names = [.. Enumerable.Range(0, config.NumLabels).Select(i => config.Id2Label?.GetValueOrDefault(i) ?? i.ToString(CultureInfo.InvariantCulture))];
        HashSet<string> shared = [.. names.GroupBy(name => name, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key)];
        if (shared.Count == 0)
            return ClassLabels.FromNames(names);
        channel.Warning($"{names.Count(shared.Contains)} classes share {shared.Count} names, such as '{shared.First()}': the number of the class is added to each, as in '{Numbered(shared.First(), Array.IndexOf(names, shared.First()))}'.");
        return ClassLabels.FromNames([.. names.Select((name, i) => shared.Contains(name) ? Numbered(name, i) : name)]);
    }

    private static string Numbered(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name} ({index})");
}
