// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.ComponentModel.DataAnnotations;
using System.Threading;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <content>The machine, what is kept when a run stops, and who is told how it goes: nothing of it changes the weights.</content>
public abstract partial class VideoMaeTrainingOptions
{
    /// <summary>
    /// Memory for decoded, shrunk training frames, in megabytes; 0 decodes in every epoch. The default, null, is a quarter of
    /// the machine's memory.
    /// </summary>
    [Option("Memory for decoded frames, in megabytes.", RunIdentityPart.Never)]
    [Range(0, int.MaxValue)]
    public int? FrameCacheMegabytes;

    /// <summary>
    /// A folder in which decoded, shrunk training frames are kept on disk (<see cref="VideoFrameCache"/>), for what does not fit into
    /// memory and for later runs; several runs may share it. The default, null, keeps none.
    /// </summary>
    [Option("A folder for decoded frames.", RunIdentityPart.Never)]
    public string? FrameCacheFolder;

    /// <summary>The number of threads that decode and augment clips. The default, null, is one for each processor.</summary>
    [Option("Threads for decoding.", RunIdentityPart.Never)]
    [Positive]
    public int? DecodingThreads;

    /// <summary>
    /// A folder in which the run keeps its state (weights, optimizer, position), so that a run with the same settings and data goes on
    /// where it was stopped, with the very weights of an uninterrupted run on the same kind of machine. Each run has a folder of its own in
    /// it. The default, null, keeps nothing.
    /// </summary>
    [Option("A folder for the state of the run.", RunIdentityPart.Never)]
    public string? WorkspacePath;

    /// <summary>
    /// The least time between two writings of the state; zero writes it after every step. The default is a minute. A run that is killed
    /// loses this much at most. It is also written when a run is cancelled or ends.
    /// </summary>
    [Option("The time between two writings of the state.", RunIdentityPart.Never)]
    [NotNegativeTime]
    public TimeSpan StateInterval = TimeSpan.FromMinutes(1);

    /// <summary>What cancelling does. The default throws an <see cref="OperationCanceledException"/>.</summary>
    [Option("What cancelling does.", RunIdentityPart.Never)]
    public CancellationBehavior OnCancellation = CancellationBehavior.Throw;

    /// <summary>
    /// The index of the CUDA device to run on. The default, null, takes that of the MLContext; null there too is the CPU.
    /// </summary>
    [Option("The CUDA device.", RunIdentityPart.Never)]
    public int? GpuDeviceId;

    /// <summary>Whether to run on the CPU where the CUDA device does not exist. The default, null, takes the MLContext's setting.</summary>
    [Option("Fall back to the CPU.", RunIdentityPart.Never)]
    public bool? FallbackToCpu;

    /// <summary>
    /// Whether processes that were started together, as with <c>mpirun -n 4</c>, share the run: each works on its part of every batch, and
    /// the result is that of one process. <see cref="BatchSize"/> counts the clips of all. The first process alone logs, calls callbacks
    /// and keeps states; all get the model. The default is <see cref="VideoMaeDistribution.Auto"/>.
    /// </summary>
    [Option("Whether processes that were started together share the run: Auto, None, or Mpi to insist on it.",
        RunIdentityPart.Never, Flag = "--distribution")]
    public VideoMaeDistribution Distribution = VideoMaeDistribution.Auto;

    /// <summary>
    /// A folder for TensorBoard's event files: loss, learning rate and gradient norm by step, metrics by epoch. The default, null, writes
    /// none.
    /// </summary>
    [Option("A folder for TensorBoard.", RunIdentityPart.Never)]
    public string? TensorBoardFolder;

    /// <summary>Called after every optimizer step, on the thread that trains. The default is none.</summary>
    [Option("Is told of every step.", RunIdentityPart.Never)]
    public Action<VideoMaeStepMetrics>? StepCallback;

    /// <summary>
    /// Called after every clip that is decoded for the first time, and every batch of features, of validation clips and of the probe's;
    /// from several threads at once. The default is none.
    /// </summary>
    [Option("Is told of decoding, features and validation.", RunIdentityPart.Never)]
    public Action<VideoMaeProgress>? ProgressCallback;

    /// <summary>Stops training; <see cref="OnCancellation"/> says how. The default never does.</summary>
    [Option("Stops training.", RunIdentityPart.Never)]
    public CancellationToken CancellationToken;
}
