// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>What an experiment learns to tell: how labels are read, models trained and compared, and their outputs named.</summary>
internal abstract class ExperimentTask
{
    /// <summary>What a candidate's options have to be, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The penalties of linear models that are compared, the strongest first.</summary>
    public abstract IReadOnlyList<float> Strengths { get; }

    /// <summary>A number for every row. Rows that share it are divided in proportion.</summary>
    public abstract IReadOnlyList<int> Strata { get; }

    /// <summary>Whether models have to see rows of every stratum, as of every class.</summary>
    public abstract bool LearnsEachStratum { get; }

    /// <summary>Checks the label column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public abstract void CheckSchema(IHost host, SchemaShape schema, string label, string video);

    /// <summary>Takes the labels of the rows.</summary>
    /// <exception cref="InvalidOperationException">There is nothing to learn.</exception>
    public abstract void Take(IHost host, IReadOnlyList<ClipExample> clips, DataViewSchema.Column label);

    /// <summary>Adds the labels of some rows, as <see cref="TrainLinear"/> and <see cref="TrainTransformer"/> take them.</summary>
    public abstract void AddLabels(ArrayDataViewBuilder builder, string column, IReadOnlyList<int> rows);

    /// <summary>How much each of some rows counts in training.</summary>
    public abstract float[] Weights(IReadOnlyList<int> rows);

    /// <summary>Trains a linear model on standardised features.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="data">The rows.</param>
    /// <param name="strength">One of <see cref="Strengths"/>.</param>
    /// <param name="label">The column of labels.</param>
    /// <param name="features">The column of features.</param>
    public abstract ITransformer TrainLinear(MLContext ml, IDataView data, float strength, string label, string features);

    /// <summary>The options of a candidate's trainer; null where it has none for this task.</summary>
    public abstract VideoMaeTrainerOptions? OptionsOf(VideoExperimentCandidate candidate);

    /// <summary>Trains a transformer with options that <see cref="OptionsOf"/> made.</summary>
    public abstract ITransformer TrainTransformer(IHost host, VideoMaeTrainerOptions options, IDataView data);

    /// <summary>The scores of rows; not numbers where a video cannot be read.</summary>
    public abstract IEnumerable<float[]> ReadScores(IDataView scored);

    /// <summary>What scores of rows out of fold are worth.</summary>
    /// <param name="scores">The scores of every row; null for those that were not scored.</param>
    public abstract OutOfFold Judge(float[]?[] scores);

    /// <summary>Makes the columns of a model from those of its parts.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="parts">The parts.</param>
    /// <param name="sharpness">The power that mean probabilities are raised to; numbers have none.</param>
    /// <param name="temporary">Columns that are to be dropped afterwards are added to it.</param>
    public abstract IEnumerable<ITransformer> Deliver(
        IHostEnvironment env, IReadOnlyList<ModelPart> parts, float sharpness, ICollection<string> temporary);

    /// <summary>Rows whose labels look wrong, the most certain first; none where that is not told.</summary>
    public abstract IReadOnlyList<VideoSuspectLabel> Suspects(OutOfFold scores);
}
