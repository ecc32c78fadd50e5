// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Shipped;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The weights that a user names: a checkpoint, a model of this package's in an ML.NET .zip, or one in memory.</summary>
internal sealed class StartingWeights : IDisposable
{
    private readonly PretrainedFiles? _files;
    private readonly SharedModel.Lease? _lease;
    private readonly IDisposable? _owner;

    private StartingWeights(PretrainedFiles files) => _files = files;

    private StartingWeights(SharedModel.Lease lease, IDisposable? owner)
    {
        _lease = lease;
        _owner = owner;
        Model = lease.Value;
    }

    /// <summary>Which frames a model takes that came from memory or a .zip; null for a checkpoint, which does not say.</summary>
    public FrameSampler? Sampler => Model?.Sampler;

    /// <summary>
    /// Which frames scoring takes where a user names none, and the line that says so. A model that was trained here says it, also as an
    /// exported folder. A checkpoint with a processor of Python's and no word of frames is sampled as transformers' pipeline does.
    /// </summary>
    /// <param name="frames">The number of frames that the model takes.</param>
    public (FrameSampler Sampler, string? Note) SamplerForScoring(int frames)
    {
        if (Model is not null)
            return (Model.Sampler, null);
        if (ClipProcessor.Beside(_files!.FolderPath) is not VideoMaeImageProcessor processor)
            return (new UniformFrameSampler(frames), null);
        if (processor.FrameSampling is FrameSampler saved)
        {
            return saved.NumFrames == frames ? (saved, null) : throw new InvalidDataException(
                $"'{_files.FolderPath}': frame_sampling of the processor's settings is {saved}, and the model takes {frames} frames.");
        }

        var sampler = new UniformFrameSampler(frames, SegmentPoint.Start);
        return (sampler, $"Frames are sampled as {sampler}, the first of {frames} equal parts of the whole file, as transformers' " +
            "pipeline does for a checkpoint with a processor. Another sampler can be given.");
    }

    /// <summary>How a model looks at videos that came from memory or a .zip; one view for a checkpoint, which does not say.</summary>
    public ScoringViews Views => Model?.Views ?? ScoringViews.One;

    /// <summary>
    /// Whether the weights are of pre-training: there is no classifier, but a decoder, or the last layer norm of an encoder alone.
    /// </summary>
    public bool IsPreTraining => Model is null ? SawNoLabels(_files!.WeightsPath) : Model.Weights is VideoMaeForPreTraining;

    private VideoModel? Model { get; }

    private VideoMaeConfig? Config => Model?.Config ?? (_files?.ConfigPath is string path ? VideoMaeConfig.Load(path) : null);

    /// <summary>Finds weights.</summary>
    /// <param name="pathOrId">
    /// The name of shipped weights, or a folder, a file, an ML.NET .zip, or a hub id, of which an existing path wins.
    /// </param>
    /// <param name="cancellationToken">Ends a download.</param>
    /// <exception cref="FileNotFoundException">There is nothing of that name.</exception>
    /// <exception cref="InvalidDataException">The .zip is no ML.NET model, or has no model of this package's in it.</exception>
    public static StartingWeights Find(string pathOrId, CancellationToken cancellationToken = default) =>
        File.Exists(pathOrId) && string.Equals(Path.GetExtension(pathOrId), ".zip", StringComparison.OrdinalIgnoreCase)
            && !CheckpointZip.Is(pathOrId)
            ? FromZip(pathOrId)
            // What is no path at all is refused by the hub, in its words.
            : new StartingWeights(PretrainedFiles.Find(
                ShippedWeights.Named(pathOrId)?.Folder
                    ?? HuggingFaceHub.ResolveModelFolder(pathOrId, cancellationToken: cancellationToken),
                cancellationToken: cancellationToken));

    /// <summary>The weights that options name; null where they name none.</summary>
    public static StartingWeights? Of(VideoMaeTrainingOptions options) => options switch
    {
        { PretrainedTransformer: { } model } => Of(model),
        { Checkpoint: { } pathOrId } => Find(pathOrId, options.CancellationToken),
        _ => null,
    };

    /// <summary>
    /// The model of the shipped weights whose encoder the weights of options fit, where these saw no labels; null for all others.
    /// Pre-training makes such weights, and build/pretrain-weights.sh.
    /// </summary>
    public static ShippedPreset? PresetOf(VideoMaeTrainingOptions options)
    {
        using StartingWeights? weights = Of(options);
        return weights?.Config is { } config && ShippedPreset.WithEncoderOf(config) is { } preset && weights.IsPreTraining ? preset : null;
    }

    /// <summary>The weights of a model in memory, which stays its owner's.</summary>
    public static StartingWeights Of(ITransformer model) => new((SharedModel.Lease)IVideoModelOwner.Find(model)!.RentModel(), owner: null);

    /// <summary>A classifier with these weights; what they lack starts afresh.</summary>
    public VideoMaeForVideoClassification LoadClassifier(PretrainedOptions? options = null) =>
        Load(config => new VideoMaeForVideoClassification(config, random: null), options);

    /// <summary>A masked autoencoder with these weights; what they lack starts afresh.</summary>
    public VideoMaeForPreTraining LoadForPreTraining(PretrainedOptions options) =>
        Load(config => new VideoMaeForPreTraining(config, random: null), options);

    /// <summary>What stands beside a network that was made of these weights.</summary>
    /// <param name="network">The network.</param>
    /// <param name="device">Where it is to be.</param>
    /// <param name="sampler">Which frames make a clip; null spreads the network's number of frames over the video.</param>
    /// <param name="resizing">How frames get the network's size; null for as it was.</param>
    /// <param name="views">How videos are looked at.</param>
    public VideoModelSettings SettingsFor(
        VideoMaePreTrainedModel network, Device device, FrameSampler? sampler, FrameResizing? resizing, ScoringViews views) =>
        Settings(network.Config, Model?.Processor ?? ClipProcessor.Beside(_files?.FolderPath), device, sampler, resizing, views);

    /// <summary>What stands beside a network that starts from nothing.</summary>
    /// <inheritdoc cref="SettingsFor"/>
    public static VideoModelSettings SettingsFromScratch(
        VideoMaePreTrainedModel network, Device device, FrameSampler? sampler, FrameResizing? resizing, ScoringViews views) =>
        Settings(network.Config, processor: null, device, sampler, resizing, views);

    /// <summary>The folder that weights are taken from: of a Trainer's, the one of its checkpoints that counts now.</summary>
    public static string FolderOf(string folder)
    {
        using PretrainedFiles files = PretrainedFiles.Find(folder);
        return files.FolderPath;
    }

    /// <summary>A name for what a model in memory would start a run with.</summary>
    public static string ContentOf(ITransformer model)
    {
        using StartingWeights weights = Of(model);
        using var sha = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, sha, CryptoStreamMode.Write))
            ModelWeights.Save(weights.Model!.Weights, stream);
        return $"{weights.Model.Config.ToIdentity()} {weights.Model.Processor.ToJson()} {Convert.ToHexStringLower(sha.Hash!)}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _files?.Dispose();
        _lease?.Dispose();
        _owner?.Dispose();
    }

    private T Load<T>(Func<VideoMaeConfig, T> create, PretrainedOptions? options)
        where T : VideoMaePreTrainedModel => Model is null
            ? PretrainedLoader.Load(_files!, create, dtype: null, device: null, options)
            : PretrainedLoader.Load(Model.Weights, create, options);

    private static bool SawNoLabels(string path)
    {
        using CheckpointFile file = CheckpointFile.Open(path);
        string[] names = [.. CheckpointKeyMap.Map([.. file.Tensors.Keys]).Keys.Select(k => k.Target)];
        return !names.Contains("classifier.weight")
            && (names.Contains("encoder_to_decoder.weight") || names.Contains("videomae.layernorm.weight"));
    }

    private static StartingWeights FromZip(string path)
    {
        ITransformer model = LoadZip(path);
        try
        {
            IVideoModelOwner owner = IVideoModelOwner.Find(model) ?? throw new InvalidDataException(
                $"'{path}' is an ML.NET model without a VideoMAE model in it. Give one that a VideoMAE trainer made, or a checkpoint.");
            return new StartingWeights((SharedModel.Lease)owner.RentModel(), model as IDisposable);
        }
        catch
        {
            (model as IDisposable)?.Dispose();
            throw;
        }
    }

    private static ITransformer LoadZip(string path)
    {
        try
        {
            return new MLContext().Model.Load(path, out _);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is not an ML.NET model that can be loaded: {e.Message}", e);
        }
    }

    private static VideoModelSettings Settings(
        VideoMaeConfig config, VideoMaeImageProcessor? processor, Device device, FrameSampler? sampler, FrameResizing? resizing,
        ScoringViews views)
    {
        if (config.NumChannels != VideoFrames.Channels)
        {
            throw new NotSupportedException(
                $"The model takes {config.NumChannels} channels, but videos are read as RGB, {VideoFrames.Channels} channels.");
        }

        VideoMaeImageProcessor fitted = ClipProcessor.Fit(processor, config.ImageSize.Height, config.ImageSize.Width, resizing);
        if (views.Crops > 1 && !fitted.Options.DoCenterCrop)
        {
            throw new ArgumentException(
                $"{views.Crops} test crops were asked for, but this model sees the whole frame, stretched to its shape: there is one crop.",
                nameof(views));
        }

        return new VideoModelSettings(fitted, sampler ?? new UniformFrameSampler(config.NumFrames), device) { Views = views };
    }
}
