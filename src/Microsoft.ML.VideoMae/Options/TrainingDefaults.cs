// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae;

/// <summary>Default values that several options or recipes share.</summary>
internal static class TrainingDefaults
{
    /// <summary>'Video'.</summary>
    public const string FeatureColumnName = "Video";

    /// <summary>
    /// <see cref="VideoMaeConfig.CpuTiny"/>, 16 frames of 64x64 in 128 tokens, with first weights of deviation 0.05, nearer to what
    /// its width of 128 calls for than the 0.02 of wide models.
    /// </summary>
    public static VideoMaeConfig Config { get; } = VideoMaeConfig.CpuTiny with { InitializerRange = 0.05 };

    /// <summary>60; what null means without shipped weights.</summary>
    public const int NumberOfEpochs = 60;

    /// <summary>16.</summary>
    public const int BatchSize = 16;

    /// <summary>0.001.</summary>
    public const float FinalLearningRateRatio = 0.001f;

    /// <summary>0.1.</summary>
    public const float WarmupRatio = 0.1f;

    /// <summary>0.05.</summary>
    public const float WeightDecay = 0.05f;

    /// <summary>1.</summary>
    public const float GradientClipNorm = 1;

    /// <summary>0.1.</summary>
    public const float LabelSmoothing = 0.1f;

    /// <summary>0.1.</summary>
    public const float DropPathRate = 0.1f;

    /// <summary>0.5.</summary>
    public const float MinCropArea = 0.5f;

    /// <summary>4/3.</summary>
    public const float MaxCropRatio = 4 / 3f;

    /// <summary>0.1.</summary>
    public const float MaxSkippedFraction = 0.1f;

    /// <summary>4.</summary>
    public const int TrainedBlocks = 4;
}
