// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
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

    /// <summary>The <see cref="FeatureLayer"/> of both: the mean token of the last block, and <see cref="Cells"/> after it.</summary>
    public const int MeanAndCells = -3;

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
    /// that keep place and change, or <see cref="MeanAndCells"/>; null where the output is that of the head.
    /// </summary>
    public int? FeatureLayer { get; }

    /// <summary>The features that are given one after the other, each as <see cref="FeatureLayer"/> names it; none for a head.</summary>
    public IReadOnlyList<int> FeatureParts => FeatureLayer switch
    {
        null => [],
        MeanAndCells => [0, Cells],
        int layer => [layer],
    };

    /// <inheritdoc/>
    public override ComputePrecision Precision { get; set; }

    /// <summary>The number of values for a clip.</summary>
    public override int OutputLength => FeatureLayer is null ? Config.NumLabels : FeatureParts.Sum(LengthOf);

    /// <summary>The class probabilities of a batch, or the one output that a model has.</summary>
    /// <param name="pixelValues">[B, T, C, H, W], of which the first <paramref name="count"/> clips are scored.</param>
    /// <param name="count">B.</param>
    public override float[][] Score(ArraySegment<float> pixelValues, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGrad = no_grad();
        Tensor clips = ToTensor(pixelValues, count); // [B, T, C, H, W]
        Tensor outputs = FeatureLayer is null ? Outputs(clips) : Features(clips, FeatureParts); // [B, classes], [B, D], [B, 24 D] or both
        return [.. outputs.cpu().data<float>().ToArray().Chunk(OutputLength)];
    }

    /// <summary>The number of values of one of <see cref="FeatureParts"/>.</summary>
    public int LengthOf(int part) => part == Cells ? CellPooling.Length(Config) : Config.HiddenSize;

    /// <summary>A model with weights of its own, equal to these, that gives other features.</summary>
    /// <param name="featureLayer">See <see cref="FeatureLayer"/>.</param>
    public ClassificationModel WithFeatures(int featureLayer)
    {
        using IDisposable mode = TorchMode.Recording();
        VideoMaeForVideoClassification network =
            PretrainedLoader.Load(Network, c => new VideoMaeForVideoClassification(c, random: null), null);
        return Complete(network, () => Settings, featureLayer);
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
        env.CheckDecode(layer >= MeanAndCells && layer <= config.NumHiddenLayers);
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
        // int: the layer of the features, or -1 where the head's output is given, or -2 for cells, or -3 for the mean token and cells
        // int: how weights are stored
        Views.Save(writer);
        writer.Write(FeatureLayer ?? NoFeatures);
        writer.Write((int)Settings.Storage);
    }

    private IClipEncoder Encoder => _encoders[(int)Precision].Value;

    private Tensor Outputs(Tensor clips) => OutputActivations.Of(Config).Apply(
        Network.Classify(Config.UseCellPooling ? Features(clips, [Cells]) : Encoder.Tokens(clips)));

    /// <summary>Features one after the other, [B, L]. Clips go through the encoder once.</summary>
    private Tensor Features(Tensor clips, IReadOnlyList<int> parts)
    {
        int?[][] places = [.. parts.Select(PlacesOf)];
        var tokens = new Queue<Tensor>(Encoder.TokensAt(clips, [.. places.SelectMany(p => p)])); // [B, N, D]
        return cat([.. parts.Select((part, i) => Pool(part, [.. places[i].Select(_ => tokens.Dequeue())]))], 1);
    }

    private Tensor Pool(int part, Tensor[] tokens) => part == Cells ? CellPooling.Apply(tokens, Config) : tokens[0].mean([1]);

    /// <summary>After how many blocks the tokens of a part are taken; null is after all, with what normalises the last.</summary>
    private int?[] PlacesOf(int part) => part switch
    {
        Cells => [.. Enumerable.Range(0, CellPooling.Blocks(Config)).Select(i => (int?)(Config.NumHiddenLayers - i))],
        0 => [null],
        _ => [part],
    };
}
