// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Modeling.Layers;

/// <summary>Pixels to tokens: a linear map of every patch plus the fixed position table.</summary>
internal sealed class Embeddings : ModelModule
{
    private readonly VideoMaeConfig _config;
    private readonly Projection _projection;
    private readonly PositionTable _positions;

    internal Embeddings(VideoMaeConfig config) : base(nameof(Embeddings))
    {
        _config = config;
        PatchEmbeddings patchEmbeddings = Add("patch_embeddings", new PatchEmbeddings(config));
        _projection = patchEmbeddings.Projection;
        _positions = new PositionTable(config, config.HiddenSize);
    }

    /// <summary>The type the model computes in.</summary>
    internal ScalarType DType => _projection.Weight.dtype;

    /// <summary>
    /// Pixel values [B, T, C, H, W] to tokens [B, N, D], or only the visible ones [B, n, D] where their index [B, n] is given: what is
    /// masked is not even embedded.
    /// </summary>
    internal Tensor Forward(Tensor pixelValues, Tensor? visible)
    {
        Tensor patches = Patches.ForProjection(pixelValues, _config); // [B, N, P]
        Tensor positions = _positions.As(_projection.Weight);         // [N, D]
        if (visible is not null)
        {
            patches = Patches.Take(patches, visible);                 // [B, n, P]
            positions = positions[visible];                           // [B, n, D]
        }

        return _projection.Forward(patches.to(DType)).Plus(positions);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _positions.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The convolution's parameters, nested as <c>patch_embeddings.projection</c>.</summary>
    private sealed class PatchEmbeddings : ModelModule
    {
        internal PatchEmbeddings(VideoMaeConfig config) : base(nameof(PatchEmbeddings)) => Projection = Add("projection", new Projection(config));

        internal Projection Projection { get; }
    }

    /// <summary>A 3-D convolution whose stride is its kernel, as the matrix product it is.</summary>
    private sealed class Projection : ModelModule
    {
        internal Projection(VideoMaeConfig config) : base(nameof(Projection))
        {
            AddParameter("weight", 0, config.HiddenSize, config.NumChannels, config.TubeletSize, config.PatchSize.Height, config.PatchSize.Width);
            AddParameter("bias", 0, config.HiddenSize);
        }

        internal Tensor Weight => Get("weight");

        internal Tensor Forward(Tensor patches) => nn.functional.linear(Factor(patches), Factor(Weight.flatten(1)), Factor(Get("bias")));
    }
}
