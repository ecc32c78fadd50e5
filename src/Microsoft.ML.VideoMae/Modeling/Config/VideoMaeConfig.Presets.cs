// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

public sealed partial record VideoMaeConfig
{
    /// <summary>
    /// The original's small model for 16 frames of 224x224: 22.0 million parameters as a classifier of 400 classes, 57 billion
    /// multiply-adds a clip.
    /// </summary>
    /// <remarks>
    /// Hugging Face's conversion of the published small checkpoints says 16 heads; their config.json decides where they are loaded.
    /// </remarks>
    public static VideoMaeConfig Small { get; } =
        Sized(width: 384, layers: 12, heads: 6, decoderWidth: 192, decoderLayers: 12, decoderHeads: 3);

    /// <summary>
    /// The base model for 16 frames of 224x224: 86.5 million parameters as a classifier of 400 classes, 180 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig Base { get; } = new();

    /// <summary>
    /// The large model for 16 frames of 224x224: 304.3 million parameters as a classifier of 400 classes, 597 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig Large { get; } =
        Sized(width: 1024, layers: 24, heads: 16, decoderWidth: 512, decoderLayers: 12, decoderHeads: 8);

    /// <summary>
    /// The huge model for 16 frames of 224x224: 632.1 million parameters as a classifier of 400 classes, 1191 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig Huge { get; } =
        Sized(width: 1280, layers: 32, heads: 16, decoderWidth: 640, decoderLayers: 12, decoderHeads: 8);

    /// <summary>
    /// For training on a CPU: 16 frames of 64x64 in patches of 16x16, 128 tokens; 1.0 million parameters as a classifier of 10 classes,
    /// 0.14 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig CpuTiny { get; } =
        Sized(width: 128, layers: 4, heads: 4, decoderWidth: 64, decoderLayers: 2, decoderHeads: 2) with
        {
            ImageSize = 64,
            LayerNormEps = 1e-6,
        };

    /// <summary>
    /// For training on a CPU, with twice the resolution in space: 8 frames of 64x64 in patches of 8x8, 256 tokens; 2.7 million parameters
    /// as a classifier of 10 classes, 0.85 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig CpuSmall { get; } =
        Sized(width: 192, layers: 6, heads: 6, decoderWidth: 96, decoderLayers: 2, decoderHeads: 3) with
        {
            ImageSize = 64,
            PatchSize = 8,
            NumFrames = 8,
            LayerNormEps = 1e-6,
        };

    /// <summary>A model whose blocks have hidden layers of four times their width, as all published ones have.</summary>
    private static VideoMaeConfig Sized(int width, int layers, int heads, int decoderWidth, int decoderLayers, int decoderHeads) => new()
    {
        HiddenSize = width,
        NumHiddenLayers = layers,
        NumAttentionHeads = heads,
        IntermediateSize = 4 * width,
        DecoderHiddenSize = decoderWidth,
        DecoderNumHiddenLayers = decoderLayers,
        DecoderNumAttentionHeads = decoderHeads,
        DecoderIntermediateSize = 4 * decoderWidth,
    };

    /// <summary>
    /// The model that the package Microsoft.ML.VideoMae.Weights has weights for: 16 frames of 64x64 in patches of 8x8 and tubelets of 4
    /// frames, 256 tokens; 3 million parameters as a classifier of 10 classes, 0.89 billion multiply-adds a clip. It sees what differs from
    /// the mean frame as well (<see cref="UseMeanFrameDifference"/>).
    /// </summary>
    public static VideoMaeConfig CpuMotion { get; } = CpuSmall with
    {
        NumFrames = 16,
        TubeletSize = 4,
        LayerNormEps = 1e-5,
        UseMeanPooling = false,
        UseNormedMeanPooling = true,
        UseSeparablePositions = true,
        UseEqualPositionParts = true,
        UseMeanFrameDifference = true,
    };

    /// <summary>
    /// A smaller model that the same package has weights for: 16 frames of 32x32 in patches of 8x8 and tubelets of 4 frames, 64 tokens;
    /// 1 million parameters as a classifier of 10 classes, 0.06 billion multiply-adds a clip.
    /// </summary>
    public static VideoMaeConfig CpuMotionTiny { get; } = CpuMotion with
    {
        ImageSize = 32,
        HiddenSize = 128,
        NumHiddenLayers = 4,
        NumAttentionHeads = 4,
        IntermediateSize = 512,
        DecoderHiddenSize = 64,
        DecoderNumAttentionHeads = 2,
        DecoderIntermediateSize = 256,
        UseEqualPositionParts = false,
        InitializerRange = 0.05,
    };
}
