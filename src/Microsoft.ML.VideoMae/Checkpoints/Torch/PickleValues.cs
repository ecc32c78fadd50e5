// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Frozen;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A tuple in a pickle.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A list in a pickle.</summary>
internal sealed record PickleList(List<object?> Items);

/// <summary>A dictionary in a pickle, in the order of its keys.</summary>
internal sealed record PickleDictionary(Dictionary<object, object?> Items);

/// <summary>One of the few globals a checkpoint may name; none of them is ever called.</summary>
internal sealed record PickleGlobal(string Name);

/// <summary>
/// Something in a training checkpoint that is passed over without a look: the arguments of a script, an optimizer's settings.
/// </summary>
internal sealed record PickleOpaque(string Name);

/// <summary>A block of raw values a tensor is a view of.</summary>
internal sealed record TorchStorage(string Key, ScalarType Type, int ElementSize, long Count)
{
    /// <summary>What a file says of it may be anything, so that the product may have more than 64 bits.</summary>
    internal Int128 Bytes => (Int128)Count * ElementSize;
}

/// <summary>A view of a storage.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>What the globals named in a pickle stand for. Every name that is not listed here is refused.</summary>
internal static class PickleGlobals
{
    internal const string OrderedDictionary = "collections.OrderedDict";
    internal const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    internal const string RebuildOldTensor = "torch._utils._rebuild_tensor";
    internal const string RebuildParameter = "torch._utils._rebuild_parameter";
    internal const string Size = "torch.Size";

    private static readonly FrozenSet<string> s_understood = FrozenSet.ToFrozenSet(
        [OrderedDictionary, RebuildTensor, RebuildOldTensor, RebuildParameter, Size], StringComparer.Ordinal);

    // Found beside the weights in training checkpoints; kept as marks and never looked into.
    private static readonly FrozenSet<string> s_passedOver = FrozenSet.ToFrozenSet(
        [
            "argparse.Namespace", "collections.defaultdict", "builtins.dict", "__builtin__.dict", "builtins.set", "__builtin__.set",
            "builtins.list", "__builtin__.list",
            "torch.device", "torch.float32", "torch.float16", "torch.bfloat16", "torch.float64", "pathlib.PosixPath", "pathlib.WindowsPath",
            "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar", "numpy.dtype", "_codecs.encode",
        ],
        StringComparer.Ordinal);

    private static readonly Dictionary<string, (ScalarType Type, int Size)> s_storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = (ScalarType.Float64, 8),
        ["torch.FloatStorage"] = (ScalarType.Float32, 4),
        ["torch.HalfStorage"] = (ScalarType.Float16, 2),
        ["torch.BFloat16Storage"] = (ScalarType.BFloat16, 2),
        ["torch.LongStorage"] = (ScalarType.Int64, 8),
        ["torch.IntStorage"] = (ScalarType.Int32, 4),
        ["torch.ShortStorage"] = (ScalarType.Int16, 2),
        ["torch.CharStorage"] = (ScalarType.Int8, 1),
        ["torch.ByteStorage"] = (ScalarType.Byte, 1),
        ["torch.BoolStorage"] = (ScalarType.Bool, 1),
    };

    /// <summary>The mark for a global.</summary>
    /// <exception cref="InvalidDataException">It is not among the few that are known to be harmless.</exception>
    internal static object Resolve(string module, string name)
    {
        string full = $"{module}.{name}";
        if (s_understood.Contains(full) || s_storages.ContainsKey(full))
            return new PickleGlobal(full);
        if (s_passedOver.Contains(full))
            return new PickleOpaque(full);
        throw new InvalidDataException(
            $"it refers to the Python object '{(full.Length > 200 ? full[..200] : full)}', which is refused: only tensors and plain " +
            $"containers are read, and nothing is ever executed{Advice(module)}");
    }

    /// <summary>Who saved a whole model gets the line that makes weights of it.</summary>
    private static string Advice(string module) =>
        module.StartsWith("transformers.", StringComparison.Ordinal)
            ? ". It is a whole pickled model or its settings. In Python, torch.load('FILE', weights_only=False).save_pretrained('FOLDER') "
                + "writes a model as a folder that is read here; of a dictionary, take the model out of it first"
        : module.StartsWith("builtins", StringComparison.Ordinal) || module is "os" or "posix" or "nt" or "subprocess" or "sys" ? ""
        : ". Where it is a whole pickled model, in Python torch.save(torch.load('FILE', weights_only=False).state_dict(), " +
            "'weights.pth') writes its weights alone, which are read here; of a dictionary, take the model out of it first";

    /// <summary>The name of the storages of a type.</summary>
    internal static string StorageOf(ScalarType type) => s_storages.First(pair => pair.Value.Type == type).Key;

    /// <summary>The storage of a persistent id: ('storage', type, key, location, count, ...).</summary>
    /// <exception cref="InvalidDataException">The id says something else.</exception>
    internal static TorchStorage Storage(PickleTuple id) =>
        id.Items is ["storage", PickleGlobal type, string key, string, long count, ..]
            && s_storages.TryGetValue(type.Name, out (ScalarType Type, int Size) storage) && count >= 0
            ? new TorchStorage(key, storage.Type, storage.Size, count)
            : throw new InvalidDataException("a storage is described in an unknown way");
}
