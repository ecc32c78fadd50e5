// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Files of torch.save, in the zip format and in the older one, told apart by their first bytes.</summary>
internal static class TorchCheckpoint
{
    internal static CheckpointFile Open(string path)
    {
        FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        try
        {
            int first = stream.ReadByte(), second = stream.ReadByte();
            stream.Position = 0;
            return (first, second) switch
            {
                ('P', 'K') => TorchZipFile.Open(path, stream),
                (0x80, _) => TorchLegacyFile.Open(path, stream),
                _ => throw new InvalidDataException("it begins like neither of PyTorch's formats"),
            };
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException or OverflowException
            or ArgumentException or NotSupportedException or IOException)
        {
            stream.Dispose();
            string reason = exception is EndOfStreamException ? "it ends early" : exception.Message.TrimEnd('.');
            throw new InvalidDataException($"'{path}' cannot be read as a PyTorch checkpoint: {reason}.", exception);
        }
    }
}

/// <summary>
/// Finds the weights in what torch.save stored: a state dictionary, or a training checkpoint with one under a well-known name.
/// </summary>
internal static class StateDictionary
{
    private const int MaxDepth = 4;

    private static readonly string[] s_names = ["model", "module", "state_dict", "model_state_dict"];

    internal static IReadOnlyDictionary<string, TorchTensor> Find(object? content)
    {
        for (int depth = 0; depth < MaxDepth && content is PickleDictionary dictionary; depth++)
        {
            if (dictionary.Items.Values.Any(value => value is TorchTensor))
                return Weights(dictionary);
            string? name = s_names.FirstOrDefault(candidate =>
                dictionary.Items.TryGetValue(candidate, out object? value) && value is PickleDictionary);
            if (name is null)
                break;
            content = dictionary.Items[name];
        }

        string found = content is PickleDictionary { Items: var items }
            ? $"a dictionary with the keys {string.Join(", ", items.Keys.Take(10).Select(key => $"'{key}'"))}" : $"{content ?? "nothing"}";
        throw new InvalidDataException(
            $"it holds {(found.Length > 300 ? found[..300] : found)}; a dictionary of tensors is needed, alone or under one of " +
            $"{string.Join(", ", s_names.Select(name => $"'{name}'"))}");
    }

    private static Dictionary<string, TorchTensor> Weights(PickleDictionary dictionary)
    {
        Dictionary<string, TorchTensor> weights = new(StringComparer.Ordinal);
        foreach ((object key, object? value) in dictionary.Items)
        {
            weights[key as string ?? throw new InvalidDataException($"it holds a tensor under the key {key}, which is no text")] =
                value as TorchTensor ?? throw new InvalidDataException($"'{key}' is no tensor among tensors");
        }

        return weights;
    }
}
