// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;

namespace Microsoft.ML.VideoMae;

/// <summary>A transformer with a video model in it, which training can start from.</summary>
internal interface IVideoModelOwner
{
    /// <summary>The model, kept alive until the claim is disposed of. What its type is, those know who use it.</summary>
    IDisposable RentModel();

    /// <summary>The last such transformer of a chain, or the transformer itself; null where there is none.</summary>
    static IVideoModelOwner? Find(ITransformer model) => All(model).OfType<IVideoModelOwner>().LastOrDefault();

    private static IEnumerable<ITransformer> All(ITransformer model) =>
        model is ITransformerChainAccessor chain ? chain.Transformers.SelectMany(All) : [model];
}
