// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Scoring;
using TorchSharp;
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
            model.DropPathRate = options.DropPathRate;
            model.HeadDropout = options.HeadDropout;
            model.DropoutGenerator = new Generator(streams.Derive(RandomStreams.Purpose.Dropout), CPU);
            VideoMaeImageProcessor processor = CreateProcessor(options.PretrainedModel, model.Config);
            FrameSampler sampler = options.Sampler ?? new UniformFrameSampler(model.Config.NumFrames);
            return new ClassifierScorer(model, processor, sampler, device, options.OnScoringVideoError);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static VideoMaeForVideoClassification FromScratch(
        VideoMaeTrainer.Options options, ClassLabels labels, Generator generator, IChannel channel)
    {
        VideoMaeConfig config = (options.Config ?? VideoMaeTrainer.Defaults.Config).WithLabels([.. labels.Names]);
        var model = new VideoMaeForVideoClassification(config, generator);
        channel.Info($"No PretrainedModel was given: a model with {model.ParameterCount:#,0} parameters for {config.NumFrames} frames of " +
            $"{config.ImageSize.Width}x{config.ImageSize.Height} is trained from scratch.");
        return model;
    }

    private static VideoMaeForVideoClassification Pretrained(
        string checkpoint, VideoMaeTrainer.Options options, ClassLabels labels, Generator generator, IChannel channel)
        => throw new System.NotSupportedException(checkpoint);

    private static VideoMaeImageProcessor CreateProcessor(string? checkpoint, VideoMaeConfig config)
    {
        int height = config.ImageSize.Height, width = config.ImageSize.Width;
        return new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions
        {
            Size = FrameSize.Shortest(System.Math.Max(height, width)),
            CropSize = FrameSize.Exact(height, width),
            ImageMean = s_mean,
            ImageStd = s_std,
        });
    }
}
