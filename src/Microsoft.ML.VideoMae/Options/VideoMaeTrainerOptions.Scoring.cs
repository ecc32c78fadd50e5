// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>How the trained model looks at a video; saved with it. Scoring costs as many times more as there are views.</content>
public abstract partial class VideoMaeTrainerOptions
{
    /// <summary>
    /// The number of stretches of time that a video is scored on; outputs are averaged. The default is 1. The paper reports 5 on
    /// Kinetics-400 and 2 on Something-Something V2. More than 1 needs uniform or dense sampling.
    /// </summary>
    [Option("Clips per video in scoring.", RunIdentityPart.Always)]
    [Positive]
    public int NumberOfTestClips = 1;

    /// <summary>
    /// The number of crops along the longer side of the frame that a video is scored on; outputs are averaged. The default is 1, the
    /// centre; the paper reports 3.
    /// </summary>
    [Option("Crops per clip in scoring.", RunIdentityPart.Always)]
    [Positive]
    public int NumberOfTestCrops = 1;

    /// <summary>
    /// Whether each view is scored in a mirror too; outputs are averaged. The default is false: it is wrong wherever left and right tell
    /// classes apart.
    /// </summary>
    [Option("Score mirror images too.", RunIdentityPart.Always)]
    public bool FlipTest;

    /// <summary>
    /// How the weights are stored in the .zip. The default is 32 bits. 16 bits halve the file and change scores a little: see
    /// docs/fine-tuning.md for what was measured.
    /// </summary>
    [Option("How weights are stored.", RunIdentityPart.Always)]
    public WeightStorage WeightStorage = WeightStorage.Float32;
}
