// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.CommandLine;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae;

/// <content>Validation, stopping, and what is kept when a run stops.</content>
public abstract partial class VideoMaeTrainerOptions
{
    /// <summary>
    /// The share of the training rows that is kept for validation, 0 to 1, drawn class by class, with clips of one group on one side. The
    /// default is 0: all rows are trained on.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Share of rows for validation", SortOrder = 60)]
    public float ValidationFraction;

    /// <summary>
    /// A text or key column that says which clips belong together, such as clips cut from one recording: a validation fraction never
    /// separates them. The default is none.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Name of the group column", SortOrder = 61)]
    public string? GroupColumnName;

    /// <summary>
    /// What decides which epoch was the best. The default, null, is accuracy for classifiers, with the loss where it is equal, and the loss for regression.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "What makes an epoch the best", SortOrder = 62)]
    public ValidationMetric? ValidationMetric;

    /// <summary>
    /// Whether the trained model has the weights of the epoch that validated best, rather than the last ones. The default is true; without
    /// validation data it has no effect.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Keep the best weights", SortOrder = 63)]
    public bool KeepBestWeights = true;

    /// <summary>The number of epochs without improvement after which training stops. The default, null, never stops early. Needs validation data.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Epochs without improvement before stopping", SortOrder = 64)]
    public int? EarlyStoppingPatience;

    /// <summary>
    /// A folder in which the run keeps its state (weights, optimizer, position), so that a run with the same settings and data goes on where
    /// it was stopped, with the very weights of an uninterrupted run on the same kind of machine. Each run has a folder of its own in it. The
    /// default, null, keeps nothing.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Folder for the state of the run", SortOrder = 65)]
    public string? WorkspacePath;

    /// <summary>
    /// The least time between two writings of the state, in seconds; 0 writes it after every step. The default is 60. A run that is killed
    /// loses this much at most. It is also written when a run is cancelled or ends.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Seconds between states", SortOrder = 66)]
    public float StateInterval = VideoMaeTrainer.Defaults.StateInterval;

    /// <summary>What cancelling does. The default throws an <see cref="OperationCanceledException"/>.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "What cancelling does", SortOrder = 67)]
    public CancellationBehavior OnCancellation = CancellationBehavior.Throw;

    /// <summary>
    /// What products are computed with in training and validation; weights, gradients, optimizer, sums and normalisation stay in 32 bits. BFloat16 saves
    /// time on a processor with instructions for it, and costs time on others, with a warning. The default is Float32.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Precision of products", SortOrder = 69)]
    public ComputePrecision Precision = ComputePrecision.Float32;

    /// <summary>
    /// Whether to keep of every block only its input, and compute the rest again on the way back: about a third more time for far less memory, and the
    /// same gradients. Without effect on probes. The default is false.
    /// </summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Activation checkpointing", SortOrder = 70)]
    public bool ActivationCheckpointing;

    /// <summary>A folder for TensorBoard's event files: loss, learning rate and gradient norm by step, metrics by epoch. The default, null, writes none.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "Folder for TensorBoard", SortOrder = 68)]
    public string? TensorBoardFolder;

    /// <summary>What the model is for, in words, for its <see cref="VideoMaeModelCard"/>. The default, null, says what the model does.</summary>
    [Argument(ArgumentType.AtMostOnce, HelpText = "What the model is for", SortOrder = 69)]
    public string? IntendedUse;

    /// <summary>Called after every optimizer step, on the thread that trains. The default is none.</summary>
    public Action<VideoMaeStepMetrics>? StepCallback;

    /// <summary>
    /// Called after every clip that is decoded for the first time, and every batch of features or validation clips; from several threads at
    /// once. The default is none.
    /// </summary>
    public Action<VideoMaeProgress>? ProgressCallback;
}
