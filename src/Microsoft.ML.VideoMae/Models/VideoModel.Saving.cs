// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <content>How a video model is written into an ML.NET model and read back.</content>
internal abstract partial class VideoModel
{
    private const string WeightsStream = "Weights";

    /// <summary>Writes the model.</summary>
    public void Save(ModelSaveContext ctx)
    {
        // *** Binary format ***
        // int: id of the configuration (config.json)
        // int: id of the processor's settings (preprocessor_config.json)
        // int: id of the frame sampling
        // int: policy for videos that cannot be read
        // what this kind of model has besides (SaveOwn)
        // binary stream 'Weights': safetensors
        // binary stream 'ModelCard', if there is a card: JSON
        // binary stream 'Source', if the weights came from a checkpoint with a card: JSON
        ctx.SaveNonEmptyString(Config.ToJson());
        ctx.SaveNonEmptyString(Processor.ToJson());
        ctx.SaveNonEmptyString(Sampler.ToString());
        ctx.Writer.Write((int)Settings.OnVideoError);
        SaveOwn(ctx.Writer);
        ctx.SaveBinaryStream(WeightsStream, writer => ModelWeights.Save(Weights, writer.BaseStream, Settings.Storage.Type()));
        ModelCardStream.Save(ctx, Card);
        ModelCardStream.Save(ctx, Card is null ? Weights.Source : Weights.Source?.OfDerived());
    }

    /// <summary>Writes what this kind of model has besides.</summary>
    private protected abstract void SaveOwn(BinaryWriter writer);

    /// <summary>Reads what all kinds of models have, and chooses the device.</summary>
    private protected static (VideoMaeConfig Config, VideoModelSettings Settings) LoadSettings(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoMaeConfig config = VideoMaeConfig.FromJson(ctx.LoadNonEmptyString());
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromJson(ctx.LoadNonEmptyString());
        FrameSampler sampler = FrameSampler.Parse(ctx.LoadNonEmptyString());
        var onVideoError = (VideoErrorPolicy)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(onVideoError));
        using IChannel channel = env.Start("Loading");
        return (config, new VideoModelSettings(processor, sampler, TorchDevice.Select(env, channel)) { OnVideoError = onVideoError });
    }

    /// <summary>Reads weights into a new network.</summary>
    /// <param name="env">Makes errors.</param>
    /// <param name="ctx">What is read.</param>
    /// <param name="device">Where the network goes.</param>
    /// <param name="create">Makes it, with no values: all are read, and drawing some first takes longer than reading them.</param>
    private protected static (TNetwork Network, VideoMaeModelCard? Card) LoadNetwork<TNetwork>(
        IHostEnvironment env, ModelLoadContext ctx, Device device, Func<TNetwork> create)
        where TNetwork : VideoMaePreTrainedModel
    {
        using IDisposable mode = TorchMode.Recording();
        TNetwork network = create();
        try
        {
            if (!ctx.TryLoadBinaryStream(WeightsStream, reader => ModelWeights.Load(network, reader.BaseStream)))
                throw env.ExceptDecode("The model file has no weights.");
            network.to(device);
            network.eval();
            VideoMaeModelCard? card = ModelCardStream.Load(env, ctx);
            // Models of earlier versions name what they started from, and nothing more.
            network.Source = ModelCardStream.LoadSource(env, ctx) ?? CheckpointCardFile.OfRepository(HubCardFacts.HubId(card));
            return (network, card);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
