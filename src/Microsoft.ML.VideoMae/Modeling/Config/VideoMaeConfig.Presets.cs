// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Modeling;

public sealed partial record VideoMaeConfig
{
    /// <summary>
    /// The original's small model for 16 frames of 224x224: 22.0 million parameters as a classifier of 400 classes, 57 billion
    /// multiply-adds a clip.
    /// </summary>
    /// <remarks>
    /// Hugging Face's conversion of the published small checkpoints says 16 heads; their config.json decides where they are loaded.
    /// </remarks>
    public static VideoMaeConfig Small { get; } = new()
    {
        HiddenSize = 384,
        NumAttentionHeads = 6,
        IntermediateSize = 1536,
        DecoderHiddenSize = 192,
        DecoderNumAttentionHeads = 3,
        DecoderIntermediateSize = 768,
        DecoderNumHiddenLayers = 12,
    };

    /// <summary>
    /// The base model for 16 frames of 224x224: 86.5 million parameters as a classifier of 400 classes, 180 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig Base { get; } = new();

    /// <summary>
    /// The large model for 16 frames of 224x224: 304.3 million parameters as a classifier of 400 classes, 597 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig Large { get; } = new()
    {
        HiddenSize = 1024,
        NumHiddenLayers = 24,
        NumAttentionHeads = 16,
        IntermediateSize = 4096,
        DecoderHiddenSize = 512,
        DecoderNumAttentionHeads = 8,
        DecoderIntermediateSize = 2048,
        DecoderNumHiddenLayers = 12,
    };

    /// <summary>
    /// The huge model for 16 frames of 224x224: 632.1 million parameters as a classifier of 400 classes, 1191 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig Huge { get; } = new()
    {
        HiddenSize = 1280,
        NumHiddenLayers = 32,
        NumAttentionHeads = 16,
        IntermediateSize = 5120,
        DecoderHiddenSize = 640,
        DecoderNumAttentionHeads = 8,
        DecoderIntermediateSize = 2560,
        DecoderNumHiddenLayers = 12,
    };

    /// <summary>
    /// For training on a CPU: 16 frames of 64x64 in patches of 16x16, 128 tokens; 1.0 million parameters as a classifier of 10 classes,
    /// 0.14 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig CpuTiny { get; } = new()
    {
        ImageSize = 64,
        HiddenSize = 128,
        NumHiddenLayers = 4,
        NumAttentionHeads = 4,
        IntermediateSize = 512,
        LayerNormEps = 1e-6,
        DecoderHiddenSize = 64,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 256,
        DecoderNumHiddenLayers = 2,
    };

    /// <summary>
    /// For training on a CPU, with twice the resolution in space: 8 frames of 64x64 in patches of 8x8, 256 tokens; 2.7 million parameters
    /// as a classifier of 10 classes, 0.85 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig CpuSmall { get; } = new()
    {
        ImageSize = 64,
        PatchSize = 8,
        NumFrames = 8,
        HiddenSize = 192,
        NumHiddenLayers = 6,
        NumAttentionHeads = 6,
        IntermediateSize = 768,
        LayerNormEps = 1e-6,
        DecoderHiddenSize = 96,
        DecoderNumAttentionHeads = 3,
        DecoderIntermediateSize = 384,
        DecoderNumHiddenLayers = 2,
    };

    /// <summary>
    /// The model that the package Microsoft.ML.VideoMae.Weights has weights for: 16 frames of 64x64 in patches of 8x8 and tubelets of 4 frames,
    /// 256 tokens; 2.8 million parameters as a classifier of 10 classes, 0.85 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig CpuMotion { get; } = CpuSmall with
    {
        NumFrames = 16,
        TubeletSize = 4,
        LayerNormEps = 1e-5,
        UseSeparablePositions = true,
        UseEqualPositionParts = true,
    };
}
