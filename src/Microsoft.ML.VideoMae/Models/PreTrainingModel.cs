// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>A masked autoencoder: the features of a clip, and how well it reconstructs what it was not shown.</summary>
internal sealed class PreTrainingModel : VideoModel
{
    /// <param name="network">The network, which is this object's from now on.</param>
    /// <param name="settings">What stands beside it.</param>
    /// <param name="masks">What is hidden of clips.</param>
    /// <param name="numberOfMasks">How many masks a loss is averaged over.</param>
    public PreTrainingModel(VideoMaeForPreTraining network, VideoModelSettings settings, ClipMasks masks, int numberOfMasks)
        : base(network, settings)
    {
        Network = network;
        Masks = masks;
        NumberOfMasks = numberOfMasks;
    }

    public VideoMaeForPreTraining Network { get; }

    public ClipMasks Masks { get; }

    public int NumberOfMasks { get; }

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

    /// <summary>
    /// The losses of a batch alone, [B]: a fraction of the cost of <see cref="Score(ArraySegment{float}, int)"/> where that gives features
    /// too.
    /// </summary>
    /// <param name="pixelValues">[B, T, C, H, W], of which the first <paramref name="count"/> clips are measured.</param>
    /// <param name="count">B.</param>
    public float[] ReconstructionLosses(ArraySegment<float> pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        return Losses(ToTensor(pixelValues, count), pixelValues, count).cpu().data<float>().ToArray();
    }

    /// <summary>The mean of the encoded tokens of whole clips, [B, D].</summary>
    public Tensor Features(Tensor clips) => Network.Encoder.forward(clips).LastHiddenState.mean([1]);

    private Tensor Losses(Tensor clips, ArraySegment<float> pixelValues, int count)
    {
        Tensor sum = zeros([count], ScalarType.Float32, Device);
        for (int number = 0; number < NumberOfMasks; number++)
        {
            Tensor hidden = cat([
                    .. Enumerable.Range(0, count).Select(i => Masks.OfContent(pixelValues.AsSpan(i * ClipLength, ClipLength), number))])
                .to(Device); // [B, N]
            Tensor logits = Network.forward(clips, hidden, computeLoss: false).Logits; // [B, m, P]
            sum.PlusInPlace(ReconstructionLoss.PerClip(logits, clips, ModelInputs.Positions(hidden, "masked"), Config));
        }

        return sum.Over(NumberOfMasks).unsqueeze(1);
    }

    private protected override void SaveOwn(BinaryWriter writer)
    {
        // *** Binary format ***
        // int: the kind of mask
        // double: the share of hidden patches
        // int: the number of masks
        // bool: whether features are given
        writer.Write((int)Masks.Strategy);
        writer.Write(Masks.Ratio);
        writer.Write(NumberOfMasks);
        writer.Write(GivesFeatures);
    }

    /// <summary>Reads what <see cref="VideoModel.Save"/> wrote.</summary>
    public static PreTrainingModel Load(IHostEnvironment env, ModelLoadContext ctx)
    {
        (VideoMaeConfig config, VideoModelSettings settings) = LoadSettings(env, ctx);
        var strategy = (VideoMaskingStrategy)ctx.Reader.ReadInt32();
        double ratio = ctx.Reader.ReadDouble();
        int numberOfMasks = ctx.Reader.ReadInt32();
        bool givesFeatures = ctx.Reader.ReadBoolean();
        env.CheckDecode(Enum.IsDefined(strategy) && ratio is > 0 and < 1 && numberOfMasks > 0);
        (VideoMaeForPreTraining network, VideoMaeModelCard? card) = LoadNetwork(
            env, ctx, settings.Device, () => new VideoMaeForPreTraining(config, random: null));
        return new PreTrainingModel(network, settings, new ClipMasks(config, strategy, ratio), numberOfMasks)
        {
            GivesFeatures = givesFeatures,
            Card = card,
        };
    }
}
