// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Modeling.Fast;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>A classifier, a regressor, or a frozen encoder.</summary>
internal sealed partial class ClassificationModel : VideoModel
{
    /// <summary>The <see cref="FeatureLayer"/> of <see cref="VideoMaePooling.Cells"/>.</summary>
    public const int Cells = -2;

    private const int NoFeatures = -1;

    private readonly Lazy<IClipEncoder>[] _encoders;

    /// <param name="network">The network, which is this object's from now on.</param>
    /// <param name="settings">What stands beside it.</param>
    /// <param name="featureLayer">See <see cref="FeatureLayer"/>.</param>
    public ClassificationModel(VideoMaeForVideoClassification network, VideoModelSettings settings, int? featureLayer = null)
        : base(network, settings)
    {
        Network = network;
        FeatureLayer = featureLayer;
        // Made when first needed: a model that is only trained or saved has none.
        _encoders = [.. Enum.GetValues<ComputePrecision>().Select(precision =>
            new Lazy<IClipEncoder>(() => ClipEncoder.Create(network, Device, precision, text => Warn?.Invoke(text))))];
    }

    public VideoMaeForVideoClassification Network { get; }

    /// <summary>
    /// The block whose mean token is the output, from 1, or 0 for the last one with what normalises it, or <see cref="Cells"/> for features
    /// that keep place and change; null where the output is that of the head.
    /// </summary>
    public int? FeatureLayer { get; }

    /// <inheritdoc/>
    public override ComputePrecision Precision { get; set; }

    /// <summary>The number of values for a clip.</summary>
    public override int OutputLength =>
        FeatureLayer is null ? Config.NumLabels : FeatureLayer == Cells ? CellPooling.Length(Config) : Config.HiddenSize;

    /// <summary>The class probabilities of a batch, or the one output that a model has.</summary>
    /// <param name="pixelValues">[B, T, C, H, W], of which the first <paramref name="count"/> clips are scored.</param>
    /// <param name="count">B.</param>
    public override float[][] Score(ArraySegment<float> pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = ToTensor(pixelValues, count); // [B, T, C, H, W]
        Tensor outputs = FeatureLayer switch // [B, classes], [B, 24 D] or [B, D]
        {
            null => Outputs(clips),
            Cells => CellFeatures(clips),
            int layer => MeanToken(clips, layer),
        };
        return [.. outputs.cpu().data<float>().ToArray().Chunk(OutputLength)];
    }

    /// <summary>Reads what <see cref="VideoModel.Save"/> wrote.</summary>
    /// <param name="env">Makes errors, and says which device is wanted.</param>
    /// <param name="ctx">What is read.</param>
    /// <param name="classes">The number of outputs that there have to be; null where it does not matter.</param>
    public static ClassificationModel Load(IHostEnvironment env, ModelLoadContext ctx, int? classes)
    {
        (VideoMaeConfig config, VideoModelSettings settings) = LoadSettings(env, ctx);
        ScoringViews views = ScoringViews.Load(ctx.Reader);
        env.CheckDecode(views.Clips > 0 && views.Crops > 0 && views.Suits(settings.Sampler));
        int layer = ctx.Reader.ReadInt32();
        env.CheckDecode(layer >= Cells && layer <= config.NumHiddenLayers);
        var storage = (WeightStorage)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(storage));
        env.CheckDecode(classes is null || config.NumLabels == classes);
        (VideoMaeForVideoClassification network, VideoMaeModelCard? card) = LoadNetwork(env, ctx, settings.Device, () =>
            new VideoMaeForVideoClassification(config, random: null));
        return new ClassificationModel(network, settings with { Views = views, Storage = storage }, layer == NoFeatures ? null : layer)
        {
            Card = card,
        };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        foreach (Lazy<IClipEncoder> encoder in _encoders.Where(encoder => encoder.IsValueCreated))
            encoder.Value.Dispose();
        base.Dispose();
    }

    private protected override void SaveOwn(BinaryWriter writer)
    {
        // *** Binary format ***
        // int, int, bool: clips, crops, mirroring of the views
        // int: the layer of the features, or -1 where the head's output is given, or -2 for cells
        // int: how weights are stored
        Views.Save(writer);
        writer.Write(FeatureLayer ?? NoFeatures);
        writer.Write((int)Settings.Storage);
    }

    private IClipEncoder Encoder => _encoders[(int)Precision].Value;

    private Tensor Outputs(Tensor clips) => OutputActivations.Of(Config).Apply(
        Network.Classify(Config.UseCellPooling ? CellFeatures(clips) : Encoder.Tokens(clips)));

    private Tensor CellFeatures(Tensor clips) => CellPooling.Apply(Encoder.LastBlocks(clips, CellPooling.Blocks(Config)), Config);

    private Tensor MeanToken(Tensor clips, int layer) => Encoder.Tokens(clips, layer == 0 ? null : layer).mean([1]);
}
