// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;
using Microsoft.ML.VideoMae.Distributed;
using Microsoft.ML.VideoMae.Processing;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// What a run does, with everything chosen that the options leave open. Loops, steppers and inputs read it; what needs no choice stands in
/// its options, which nobody changes any more.
/// </summary>
internal abstract record TrainingRecipe
{
    /// <param name="options">The options, copied and checked.</param>
    /// <param name="streams">The random side of the run.</param>
    /// <param name="clips">The number of training clips.</param>
    /// <param name="copies">The copies of a clip in a batch.</param>
    private protected TrainingRecipe(VideoMaeTrainingOptions options, RandomStreams streams, int clips, int copies)
    {
        Shared = options;
        Streams = streams;
        Copies = copies;
        BatchLength = options.BatchSize * copies;
        ClipsPerStep = Math.Min(options.BatchSize * options.GradientAccumulation, clips);
        StepsPerEpoch = Steps(Steps(clips, options.BatchSize), options.GradientAccumulation);
        FrameCacheBytes = options.FrameCacheMegabytes is int megabytes
            ? megabytes * 1024L * 1024
            : GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4;
        DecodingThreads = options.DecodingThreads ?? SharedRun.ProcessorsPerProcess;
        FinalWeightDecay = options.WeightDecay;
    }

    /// <summary>What the log calls the run, such as 'Training'.</summary>
    public abstract string Name { get; }

    /// <summary>What all kinds of training have.</summary>
    public VideoMaeTrainingOptions Shared { get; }

    /// <summary>The random side of the run.</summary>
    public RandomStreams Streams { get; }

    /// <summary>The copies of a clip in a batch.</summary>
    public int Copies { get; }

    /// <summary>The clips of a batch, copies included.</summary>
    public int BatchLength { get; }

    /// <summary>The different clips of a step: no more than there are.</summary>
    public int ClipsPerStep { get; }

    public int StepsPerEpoch { get; }

    /// <summary>The processes that share the run; one alone by default.</summary>
    public ProcessGroup Group { get; init; } = ProcessGroup.Alone;

    /// <summary>What this process has of every batch.</summary>
    public BatchSplit Split => new(Group, Copies, KeepsPairs: MixesClips);

    /// <summary>Whether the clips of a batch are mixed with each other.</summary>
    public virtual bool MixesClips => false;

    /// <summary>Stops training at once. Processes that share a run are stopped together, between two batches, and not by it.</summary>
    public CancellationToken CancellationToken => Group.IsAlone ? Shared.CancellationToken : CancellationToken.None;

    /// <summary>The passes over the clips.</summary>
    public int NumberOfEpochs => Shared.NumberOfEpochs ?? TrainingDefaults.NumberOfEpochs;

    public int TotalSteps => StepsPerEpoch * NumberOfEpochs;

    public long FrameCacheBytes { get; }

    public int DecodingThreads { get; }

    /// <summary>How clips are varied.</summary>
    public ClipAugmenterOptions Augmentation { get; protected init; } = new();

    public double PeakLearningRate { get; protected init; }

    /// <summary>The learning rate by step: up from 0, and down along half a cosine.</summary>
    public LearningRateSchedule Schedule =>
        new(0, PeakLearningRate, PeakLearningRate * Shared.FinalLearningRateRatio, (int)(TotalSteps * Shared.WarmupRatio), TotalSteps);

    /// <summary>The factor between the learning rates of neighbouring layers.</summary>
    public double LayerDecay { get; protected init; } = 1;

    /// <summary>AdamW's second beta.</summary>
    public double Beta2 { get; protected init; } = 0.999;

    public double FinalWeightDecay { get; protected init; }

    /// <summary>The decay of the moving average of weights; 0 keeps none.</summary>
    public double AverageDecay { get; protected init; }

    /// <summary>Whether clips are drawn from all classes alike, in place of an epoch that has each once.</summary>
    public bool DrawsClassesAlike { get; protected init; }

    /// <summary>What messages call the clips that are measured and not trained on.</summary>
    public string ValidationName { get; protected init; } = "validation";

    /// <summary>The largest norm of gradients.</summary>
    public double LargestNorm => Shared.GradientClipNorm > 0 ? Shared.GradientClipNorm : float.MaxValue;

    /// <summary>
    /// The weight decay of a step: half a cosine from the first value to the last, as the original's <c>wd_schedule_values</c>.
    /// </summary>
    public double WeightDecay(int step) =>
        FinalWeightDecay == Shared.WeightDecay
            ? Shared.WeightDecay
            : FinalWeightDecay
                + 0.5 * (Shared.WeightDecay - FinalWeightDecay) * (1 + Math.Cos(Math.PI * Math.Min(step, TotalSteps) / TotalSteps));

    private static int Steps(int items, int size) => (items + size - 1) / size;
}
