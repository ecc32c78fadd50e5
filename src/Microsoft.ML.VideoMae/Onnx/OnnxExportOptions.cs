// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What goes into an ONNX model and what comes out of it.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>What goes in. The default is <see cref="OnnxInput.PixelValues"/>.</summary>
    public OnnxInput Input { get; init; } = OnnxInput.PixelValues;

    /// <summary>What comes out. The default is <see cref="OnnxOutput.Own"/>.</summary>
    public OnnxOutput Output { get; init; } = OnnxOutput.Own;

    /// <summary>
    /// What weights are stored in and what is computed in: Float32, the default, or Float16. Inputs and outputs are of 32 bits in both.
    /// </summary>
    public WeightStorage Precision { get; init; } = WeightStorage.Float32;

    /// <summary>
    /// The block whose tokens are features, from 1. The default, 0, takes the last one with what normalises it. Of no account for other
    /// outputs.
    /// </summary>
    public int FeatureLayer { get; init; }
}

/// <summary>What goes into an ONNX model.</summary>
public enum OnnxInput
{
    /// <summary><c>pixel_values</c>: what the processor makes of frames, [batch, frames, channels, height, width], 32-bit numbers.</summary>
    PixelValues,

    /// <summary>
    /// <c>frames</c>: RGB frames of any size, [batch, frames, height, width, 3], 8 bits. Resizing, cropping and normalising are part of the
    /// model.
    /// </summary>
    Frames,
}

/// <summary>What comes out of an ONNX model.</summary>
public enum OnnxOutput
{
    /// <summary>
    /// What the model is for. A classifier gives <c>logits</c> and <c>probabilities</c>. A masked autoencoder takes <c>bool_masked_pos</c>
    /// besides, and gives <c>logits</c> and <c>reconstruction</c>. An encoder, and a model of features, give what
    /// <see cref="Features"/> says.
    /// </summary>
    Own,

    /// <summary><c>features</c>, the mean of the tokens, [batch, width], and the tokens themselves, <c>last_hidden_state</c>.</summary>
    Features,
}
