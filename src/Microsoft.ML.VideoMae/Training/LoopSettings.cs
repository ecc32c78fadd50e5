// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What every kind of training has to know of its epochs.</summary>
/// <param name="Name">What the log calls it, such as 'Training'.</param>
/// <param name="NumberOfEpochs">The number of epochs.</param>
/// <param name="BatchLength">The clips of a batch, copies included.</param>
/// <param name="GradientAccumulation">The batches of a step.</param>
/// <param name="Schedule">The learning rate by step.</param>
/// <param name="TensorBoardFolder">A folder for TensorBoard's files; null for none.</param>
/// <param name="StepCallback">Is told of every step.</param>
/// <param name="OnCancellation">What cancelling does.</param>
/// <param name="CancellationToken">Cancels.</param>
internal sealed record LoopSettings(
    string Name, int NumberOfEpochs, int BatchLength, int GradientAccumulation, LearningRateSchedule Schedule,
    string? TensorBoardFolder, Action<VideoMaeStepMetrics>? StepCallback, CancellationBehavior OnCancellation, CancellationToken CancellationToken);
