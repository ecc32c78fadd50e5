// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Scoring;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Makes the classifier that a run starts from: from scratch, or from a checkpoint.</summary>
internal static class ClassifierFactory
{
    /// <summary>ImageNet's mean and deviation, which every published VideoMAE checkpoint was trained with.</summary>
    private static readonly double[] s_mean = [0.485, 0.456, 0.406];
    private static readonly double[] s_std = [0.229, 0.224, 0.225];

    public static ClassifierScorer Create(
        VideoMaeTrainer.Options options, ClassLabels labels, Device device, RandomStreams streams, IChannel channel)
    {
        using var generator = new Generator(streams.Derive(RandomStreams.Purpose.Initialization), CPU);
        VideoMaeForVideoClassification model = options.PretrainedModel is string checkpoint
            ? Pretrained(checkpoint, options, labels, generator, channel)
            : FromScratch(options, labels, generator, channel);
        try
        {
            model.to(device);
            model.SetRegularisation(options.DropPathRate, options.HeadDropout, streams.Derive(RandomStreams.Purpose.Dropout));
            VideoMaeImageProcessor processor = CreateProcessor(options.PretrainedModel, model.Config);
            FrameSampler sampler = options.Sampler ?? new UniformFrameSampler(model.Config.NumFrames);
            return new ClassifierScorer(model, processor, sampler, device);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
