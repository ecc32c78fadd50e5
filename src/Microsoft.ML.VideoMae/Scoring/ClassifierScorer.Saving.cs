// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Scoring;

/// <content>How a scorer is written into a model and read back.</content>
internal sealed partial class ClassifierScorer
{
    private const string WeightsStream = "Weights";

    public override void Save(ModelSaveContext ctx)
    {
        // *** Binary format ***
        // int: id of the configuration (config.json)
        // int: id of the processor's settings (preprocessor_config.json)
        // int: id of the frame sampling
        // int: policy for videos that cannot be read
        // int, int, bool: clips, crops, mirroring of the views
        // int: the layer of the features, or -1 where the head's output is given
        // int: how weights are stored
        // binary stream 'Weights': safetensors
        // binary stream 'ModelCard', if there is a card: JSON
        ctx.SaveNonEmptyString(Config.ToJson());
        ctx.SaveNonEmptyString(Processor.ToJson());
        ctx.SaveNonEmptyString(Sampler.ToString());
        ctx.Writer.Write((int)OnVideoError);
        Views.Save(ctx.Writer);
        ctx.Writer.Write(FeatureLayer ?? -1);
        ctx.Writer.Write((int)Storage);
        ctx.SaveBinaryStream(WeightsStream, writer => ModelWeights.Save(Model, writer.BaseStream, Storage.Type()));
        ModelCardStream.Save(ctx, Card);
    }

    public static ClassifierScorer Load(IHostEnvironment env, ModelLoadContext ctx, int? classes)
    {
        VideoMaeConfig config = VideoMaeConfig.FromJson(ctx.LoadNonEmptyString());
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromJson(ctx.LoadNonEmptyString());
        FrameSampler sampler = FrameSampler.Parse(ctx.LoadNonEmptyString());
        var onVideoError = (VideoErrorPolicy)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(onVideoError));
        ScoringViews views = ScoringViews.Load(ctx.Reader);
        env.CheckDecode(views.Clips > 0 && views.Crops > 0 && (views.Clips == 1 || MultiViewFrameSampler.Supports(sampler)));
        int featureLayer = ctx.Reader.ReadInt32();
        env.CheckDecode(featureLayer >= -1 && featureLayer <= config.NumHiddenLayers);
        var storage = (WeightStorage)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(storage));
        env.CheckDecode(classes is null || config.NumLabels == classes);
        var environment = (IHostEnvironmentInternal)env;
        (Device device, string reason) = TorchDevice.Select(environment.GpuDeviceId, environment.FallbackToCpu);
        using IChannel channel = env.Start("Loading");
        channel.Info(reason);
        using IDisposable mode = TorchMode.Recording();

        var model = new VideoMaeForVideoClassification(config, random: null); // All weights are read: drawing some first takes longer than reading them.
        try
        {
            if (!ctx.TryLoadBinaryStream(WeightsStream, reader => ModelWeights.Load(model, reader.BaseStream)))
                throw env.ExceptDecode("The model file has no weights.");
            model.to(device);
            model.eval();
            return new ClassifierScorer(model, processor, sampler, device, onVideoError, views, featureLayer < 0 ? null : featureLayer) { Storage = storage, Card = ModelCardStream.Load(env, ctx) };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
