// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>The random side of one model in training: all of its dropouts draw from one generator of its own.</summary>
internal sealed class Stochasticity(Generator generator)
{
    /// <summary>What dropout draws from; libtorch's global generator is never touched.</summary>
    internal Generator Generator { get; set; } = generator;

    /// <summary>
    /// Where the clips of a forward pass are some rows of a larger batch: the rows of the whole, and which of them these are. Masks are
    /// drawn for the whole, so that a clip's do not depend on who works on the others. Null where they are all.
    /// </summary>
    internal (int Total, long[] Own)? Rows { get; set; }

    /// <summary>Zeroes each element with probability <paramref name="p"/> and scales the others by 1 / (1 - p).</summary>
    internal Tensor Dropout(Tensor x, double p) => p == 0 ? x : x * KeepMask(x, x.shape, p);

    /// <summary>
    /// Stochastic depth (Huang et al., 2016): zeroes the whole branch of a sample with probability <paramref name="p"/> and scales the
    /// others by 1 / (1 - p). [B, ...].
    /// </summary>
    internal Tensor DropPath(Tensor branch, double p) => p == 0 ? branch : branch * PathMask(branch, p);

    /// <summary>What <see cref="Dropout"/> and then <see cref="DropPath"/> multiply a branch by; null where that is nothing.</summary>
    /// <param name="like">Has the branch's shape and type.</param>
    /// <param name="dropout">The probability for each element.</param>
    /// <param name="dropPath">The probability for the branch of a sample.</param>
    internal Tensor? BranchMask(Tensor like, double dropout, double dropPath)
    {
        Tensor? mask = dropout == 0 ? null : KeepMask(like, like.shape, dropout);
        if (dropPath == 0)
            return mask;
        Tensor path = PathMask(like, dropPath);
        return mask is null ? path : mask.mul_(path);
    }

    private Tensor PathMask(Tensor like, double p)
    {
        long[] shape = new long[like.dim()];
        System.Array.Fill(shape, 1);
        shape[0] = like.shape[0];
        return KeepMask(like, shape, p);
    }

    // 0 or 1 / (1 - p), drawn where the generator lives.
    private Tensor KeepMask(Tensor like, long[] shape, double p)
    {
        long[] whole = Rows is (int total, _) ? [total, .. shape[1..]] : shape;
        Tensor mask = empty(whole, like.dtype, Generator.device).bernoulli_(1 - p, Generator).OverInPlace(1 - p);
        if (Rows is (_, long[] own))
            mask = mask.index_select(0, tensor(own, device: mask.device));
        return mask.to(like.device);
    }
}
