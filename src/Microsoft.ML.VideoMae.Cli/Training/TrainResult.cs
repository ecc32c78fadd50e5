// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Modeling;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Training;

/// <summary>What a run came to.</summary>
/// <param name="Zip">The model's file.</param>
/// <param name="Sets">The videos.</param>
/// <param name="Epochs">The curve.</param>
/// <param name="Config">The shape of the model.</param>
/// <param name="ParameterCount">The number of values in all parameters.</param>
/// <param name="Card">What the model says of itself, with what was left to choose chosen.</param>
/// <param name="Quality">How good it is on the test videos, or else the validation videos; null where there are none.</param>
/// <param name="Notes">What could not be measured, and why.</param>
/// <param name="HasFailedToMeasure">Whether there were videos to measure on, and none of them could be read.</param>
/// <param name="WasStopped">Whether it was stopped before its end.</param>
internal sealed record TrainResult(string Zip, VideoSets Sets, IReadOnlyList<Epoch> Epochs, VideoMaeConfig Config, long ParameterCount,
    VideoMaeModelCard? Card, ClassifierQuality? Quality, IReadOnlyList<string> Notes, bool HasFailedToMeasure, bool WasStopped);
