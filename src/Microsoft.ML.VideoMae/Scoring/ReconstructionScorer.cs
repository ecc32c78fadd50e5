// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Sampling;
using Microsoft.ML.VideoMae.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Scoring;

/// <summary>A masked autoencoder: the features of a clip, and how well it reconstructs what it was not shown.</summary>
internal sealed class ReconstructionScorer : ClipScorer
{
    private const string WeightsStream = "Weights";

    private readonly ClipMasks _masks;

    public ReconstructionScorer(VideoMaeForPreTraining model, VideoMaeImageProcessor processor, FrameSampler sampler, Device device,
        VideoErrorPolicy onVideoError, ClipMasks masks, int numberOfMasks)
        : base(model.Config, processor, sampler, device, onVideoError, ScoringViews.One)
    {
        Model = model;
        _masks = masks;
        NumberOfMasks = numberOfMasks;
        CountMemory();
    }

    public VideoMaeForPreTraining Model { get; }

    public int NumberOfMasks { get; }

    public override VideoMaePreTrainedModel Weights => Model;

    /// <summary>Whether features are wanted: they take the whole clip through the encoder, the loss a tenth of it.</summary>
    public bool GivesFeatures { get; init; } = true;

    /// <summary>The mean-pooled embedding, where features are given, and after it the loss.</summary>
    public override int OutputLength => FeatureLength + 1;

    private int FeatureLength => GivesFeatures ? Config.HiddenSize : 0;

    public override float[][] Score(ArraySegment<float> pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = ToTensor(pixelValues, count);      // [B, T, C, H, W]
        Tensor losses = Losses(clips, pixelValues, count); // [B, 1]
        Tensor outputs = GivesFeatures ? cat([Features(clips), losses], 1) : losses;
        return [.. outputs.cpu().data<float>().ToArray().Chunk(OutputLength)];
    }

    /// <summary>The losses of a batch alone, [B]: a fraction of the cost of <see cref="Score(ArraySegment{float}, int)"/> where that gives features too.</summary>
    /// <param name="pixelValues">[B, T, C, H, W], of which the first <paramref name="count"/> clips are measured.</param>
    /// <param name="count">B.</param>
    public float[] ReconstructionLosses(ArraySegment<float> pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return Losses(ToTensor(pixelValues, count), pixelValues, count).cpu().data<float>().ToArray();
    }

    /// <summary>The mean of the encoded tokens of whole clips, [B, D].</summary>
    public Tensor Features(Tensor clips) => Model.Encoder.forward(clips).LastHiddenState.mean([1]);

    /// <summary>Hides patches of one view of a video and reconstructs them.</summary>
    /// <param name="video">The video.</param>
    /// <param name="mask">Which of the clip's masks.</param>
    public VideoMaeReconstruction Reconstruct(MLVideo video, int mask)
    {
        float[] pixelValues = ReadPixelValues(video, new VideoNotes(), default);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor hidden = _masks.OfContent(pixelValues, mask);                 // [1, N]
        Tensor clip = ToTensor(pixelValues, 1);
        VideoMaePreTrainingOutput output = Model.forward(clip, hidden);
        return Reconstruction.Unmasker.Complete(this, clip, hidden.to(Device), output);
    }

    private Tensor Losses(Tensor clips, ArraySegment<float> pixelValues, int count)
    {
        Tensor sum = zeros([count], ScalarType.Float32, Device);
        for (int number = 0; number < NumberOfMasks; number++)
        {
            Tensor hidden = cat([.. Enumerable.Range(0, count).Select(i => _masks.OfContent(pixelValues.AsSpan(i * ClipLength, ClipLength), number))]).to(Device); // [B, N]
            Tensor logits = Model.forward(clips, hidden, computeLoss: false).Logits;                                 // [B, m, P]
            sum.PlusInPlace(ReconstructionLoss.PerClip(logits, clips, ModelInputs.Positions(hidden, "masked"), Config));
        }

        return sum.Over(NumberOfMasks).unsqueeze(1);
    }

    public override void Save(ModelSaveContext ctx)
    {
        // *** Binary format ***
        // int: id of the configuration (config.json)
        // int: id of the processor's settings (preprocessor_config.json)
        // int: id of the frame sampling
        // int: policy for videos that cannot be read
        // int: the kind of mask
        // double: the share of hidden patches
        // int: the number of masks
        // bool: whether features are given
        // binary stream 'Weights': safetensors
        // binary stream 'ModelCard', if there is a card: JSON
        ctx.SaveNonEmptyString(Config.ToJson());
        ctx.SaveNonEmptyString(Processor.ToJson());
        ctx.SaveNonEmptyString(Sampler.ToString());
        ctx.Writer.Write((int)OnVideoError);
        ctx.Writer.Write((int)_masks.Strategy);
        ctx.Writer.Write(_masks.Ratio);
        ctx.Writer.Write(NumberOfMasks);
        ctx.Writer.Write(GivesFeatures);
        ctx.SaveBinaryStream(WeightsStream, writer => ModelWeights.Save(Model, writer.BaseStream, null));
        ModelCardStream.Save(ctx, Card);
    }

    public static ReconstructionScorer Load(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoMaeConfig config = VideoMaeConfig.FromJson(ctx.LoadNonEmptyString());
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromJson(ctx.LoadNonEmptyString());
        FrameSampler sampler = FrameSampler.Parse(ctx.LoadNonEmptyString());
        var onVideoError = (VideoErrorPolicy)ctx.Reader.ReadInt32();
        var strategy = (VideoMaskingStrategy)ctx.Reader.ReadInt32();
        double ratio = ctx.Reader.ReadDouble();
        int numberOfMasks = ctx.Reader.ReadInt32();
        bool givesFeatures = ctx.Reader.ReadBoolean();
        env.CheckDecode(Enum.IsDefined(onVideoError) && Enum.IsDefined(strategy) && ratio is > 0 and < 1 && numberOfMasks > 0);
        var environment = (IHostEnvironmentInternal)env;
        (Device device, string reason) = TorchDevice.Select(environment.GpuDeviceId, environment.FallbackToCpu);
        using IChannel channel = env.Start("Loading");
        channel.Info(reason);
        using IDisposable mode = TorchMode.Recording();

        var model = new VideoMaeForPreTraining(config, random: null); // All weights are read: drawing some first takes longer than reading them.
        try
        {
            if (!ctx.TryLoadBinaryStream(WeightsStream, reader => ModelWeights.Load(model, reader.BaseStream)))
                throw env.ExceptDecode("The model file has no weights.");
            model.to(device);
            model.eval();
            return new ReconstructionScorer(model, processor, sampler, device, onVideoError, new ClipMasks(config, strategy, ratio), numberOfMasks)
            {
                GivesFeatures = givesFeatures,
                Card = ModelCardStream.Load(env, ctx),
            };
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
