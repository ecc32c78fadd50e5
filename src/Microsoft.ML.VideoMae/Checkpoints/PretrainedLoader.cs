// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Builds a model from a checkpoint in any of the formats.</summary>
internal static class PretrainedLoader
{
    /// <summary>The epsilon of every layer norm of the original code.</summary>
    internal const double OriginalEps = 1e-6;

    /// <summary>Loads a checkpoint: a folder, a file, or a hub id.</summary>
    internal static T Load<T>(
        string pathOrId, Func<VideoMaeConfig, T> create, ScalarType? dtype, Device? device, PretrainedOptions? options)
        where T : VideoMaePreTrainedModel
    {
        using PretrainedFiles files = PretrainedFiles.Find(pathOrId, options?.Hub);
        return Load(files, create, dtype, device, options);
    }

    /// <summary>Loads a checkpoint whose files were found.</summary>
    internal static T Load<T>(
        PretrainedFiles files, Func<VideoMaeConfig, T> create, ScalarType? dtype, Device? device, PretrainedOptions? options)
        where T : VideoMaePreTrainedModel
    {
        using CheckpointFile file = CheckpointFile.Open(files.WeightsPath);
        List<string> notes = [.. files.Notes];
        CheckpointCard source = CheckpointCardFile.Read(files.FolderPath, notes);
        T model = Load(file, files.ConfigPath, create, options ?? new PretrainedOptions(), notes);
        model.Source = source;
        model.to(dtype ?? ScalarType.Float32);
        if (device is not null)
            model.to(device);
        return model;
    }

    /// <summary>Makes a model of another kind or shape from one in memory, as from a checkpoint of it.</summary>
    internal static T Load<T>(VideoMaePreTrainedModel from, Func<VideoMaeConfig, T> create, PretrainedOptions? options)
        where T : VideoMaePreTrainedModel
    {
        Dictionary<string, StoredTensor> tensors = from.named_parameters()
            .ToDictionary(
                pair => pair.name,
                pair => new StoredTensor(pair.parameter.dtype, pair.parameter.shape, () => Copy(pair.parameter)), StringComparer.Ordinal);
        using var memory = new CheckpointFile("the model in memory", tensors);
        T model = Load(memory, configPath: null, create, (options ?? new PretrainedOptions()) with { Config = from.Config }, []);
        model.Source = from.Source;
        return model;
    }

    private static T Load<T>(
        CheckpointFile file, string? configPath, Func<VideoMaeConfig, T> create, PretrainedOptions options, IReadOnlyList<string> found)
        where T : VideoMaePreTrainedModel
    {
        List<string> notes = [.. found];
        PeftAdapter.Refuse(file.Path, file.Tensors.Keys);
        (CheckpointNaming naming, IReadOnlyList<KeyMapping> keys) = CheckpointKeyMap.Map([.. file.Tensors.Keys]);
        Dictionary<string, StoredTensor> weights = Rename(file, keys);
        RemoveKeyBiases(file, weights, notes);
        RemovePositions(file, weights);
        VideoMaeConfig config = Configure(file, weights, configPath, naming, options, notes);
        // Nothing is allocated before names and shapes are known to fit.
        T model = ModelModule.WithoutValues(() => create(config));
        try
        {
            LoadPlan plan = LoadPlan.Create(file.Path, weights, model, notes);
            model.Allocate();
            Fill(file, model, plan, options);
            model.LoadReport = plan.Report;
            model.eval();
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static Tensor Copy(Parameter parameter)
    {
        using Tensor detached = parameter.detach();
        return detached.cpu().clone();
    }

    private static Dictionary<string, StoredTensor> Rename(CheckpointFile file, IReadOnlyList<KeyMapping> keys)
    {
        Dictionary<string, StoredTensor> weights = new(StringComparer.Ordinal);
        foreach (KeyMapping key in keys)
        {
            StoredTensor stored = file.Tensors[key.Source];
            if (key.Parts > 1 && (stored.Shape.Length == 0 || stored.Shape[0] % key.Parts != 0))
                throw new InvalidDataException($"'{file.Path}': {key.Source} is {stored}, which is not {key.Parts} equal parts (queries, " +
                    "keys, values).");
            if (!weights.TryAdd(key.Target, stored.Part(key.Part, key.Parts)))
                throw new InvalidDataException($"'{file.Path}' holds {key.Target} twice, once as {key.Source}.");
        }

        return weights;
    }

    /// <summary>
    /// A key bias shifts all scores of a query alike, which the softmax cancels: it is left out, and said where it is not zero.
    /// </summary>
    private static void RemoveKeyBiases(CheckpointFile file, Dictionary<string, StoredTensor> weights, List<string> notes)
    {
        string[] biases = [.. weights.Keys.Where(name => name.EndsWith(".attention.attention.key.bias", StringComparison.Ordinal))];
        int used = 0;
        foreach (string name in biases)
        {
            using Tensor bias = Read(file, name, weights[name]);
            using Tensor any = bias.IsOtherThan(0).any();
            used += any.item<bool>() ? 1 : 0;
            weights.Remove(name);
        }

        if (used > 0)
            notes.Add($"{used} of {biases.Length} key biases are not zero. They were left out: the softmax is blind to them, so results " +
                "do not change.");
    }

    /// <summary>
    /// Positions are worked out here: stored ones are left out where they are the fixed table, and refused where they were learned.
    /// </summary>
    private static void RemovePositions(CheckpointFile file, Dictionary<string, StoredTensor> weights)
    {
        foreach (string name in weights.Keys.Where(name => name.Split('.')[^1] is "pos_embed" or "position_embeddings").ToArray())
        {
            using var scope = NewDisposeScope();
            StoredTensor stored = weights[name];
            long[] shape = stored.Shape;
            bool isTable =
                shape is [1, > 0 and <= 1 << 20, > 0 and <= 1 << 14]
                && is_floating_point(stored.Type)
                && allclose(
                    Read(file, name, stored).to(ScalarType.Float32), SinusoidPositions.Table((int)shape[1], (int)shape[2]), rtol: 0,
                    atol: 0.01);
            if (!isTable)
                throw new InvalidDataException($"'{file.Path}' holds positions ({name}) that are not the fixed sine and cosine table; " +
                    "models with learned positions are not supported.");
            weights.Remove(name);
        }
    }

    private static VideoMaeConfig Configure(
        CheckpointFile file, Dictionary<string, StoredTensor> weights, string? configPath, CheckpointNaming naming,
        PretrainedOptions options, List<string> notes)
    {
        VideoMaeConfig? given = options.Config ?? (configPath is null ? null : VideoMaeConfig.Load(configPath));
        QuantizedWeights.Refuse(file.Path, given, weights.Keys);
        VideoMaeConfig config = given ?? ConfigInference.FromWeights(weights, file.Path);
        if (naming == CheckpointNaming.Original)
        {
            config = config with { LayerNormEps = OriginalEps, HeadNormEps = OriginalEps };
            notes.Add("The checkpoint has the names of the original code, so every layer norm uses its epsilon, 1e-6.");
        }

        VideoMaeConfig changed = options.Configure?.Invoke(config) ?? config;
        if (changed.NumFrames != config.NumFrames || changed.ImageSize != config.ImageSize)
            notes.Add($"The model takes {changed.NumFrames} frames of {changed.ImageSize} where the checkpoint was made for " +
                $"{config.NumFrames} of {config.ImageSize}: positions were worked out anew.");
        changed.Validate();
        return changed;
    }

    private static void Fill(CheckpointFile file, VideoMaePreTrainedModel model, LoadPlan plan, PretrainedOptions options)
    {
        Dictionary<string, Parameter> parameters = model
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        using (no_grad())
        {
            foreach ((string name, StoredTensor stored) in plan.Loaded)
            {
                using Tensor value = Read(file, name, stored);
                parameters[name].copy_(value);
            }
        }

        model.InitSome(plan.Reinitialized, options.Generator, options.InitScale);
    }

    private static Tensor Read(CheckpointFile file, string name, StoredTensor stored)
    {
        try
        {
            return stored.Load();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            string reason = exception is EndOfStreamException ? "it ends early" : exception.Message.TrimEnd('.');
            throw new InvalidDataException($"'{file.Path}' is damaged at {name}: {reason}.", exception);
        }
    }
}
