// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
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

/// <summary>Something in a training checkpoint that is passed over without a look: the arguments of a script, an optimizer's settings.</summary>
internal sealed record PickleOpaque(string Name);

/// <summary>A block of raw values a tensor is a view of.</summary>
internal sealed record TorchStorage(string Key, ScalarType Type, int ElementSize, long Count);

/// <summary>A view of a storage.</summary>
internal sealed record TorchTensor(TorchStorage Storage, long Offset, long[] Shape, long[] Strides);
