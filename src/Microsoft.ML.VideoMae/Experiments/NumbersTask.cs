// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Trainers;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Numbers. Models are compared by squared error.</summary>
internal sealed class NumbersTask : ExperimentTask
{
    private const int MostStrata = 5;

    private float[] _numbers = [];
    private int[] _strata = [];

    public override string Name => "numbers";

    /// <summary>Shares of the mean square of a row, as <see cref="RidgeRegression"/> takes them.</summary>
    public override IReadOnlyList<float> Strengths => [10, 1, 0.1f, 0.01f, 0.001f, 0.0001f];

    /// <summary>Fifths of the rows, from small numbers to large ones.</summary>
    public override IReadOnlyList<int> Strata => _strata;

    public override bool LearnsEachStratum => false;

    public override void CheckSchema(IHost host, SchemaShape schema, string label, string video)
    {
        TrainingRows.CheckClips(host, schema, video);
        TrainingRows.CheckLabel(host, schema, label, NumberDataViewType.Single);
    }

    public override void Take(IHost host, IReadOnlyList<ClipExample> clips, DataViewSchema.Column label)
    {
        _numbers = [.. clips.Select(c => c.Target)];
        if (_numbers.Length < 2)
            throw host.Except($"The training data has {_numbers.Length} rows with a number in column '{label.Name}'. Give at least two.");
        int infinite = Array.FindIndex(_numbers, n => !float.IsFinite(n));
        if (infinite >= 0)
            throw host.Except($"The label of '{clips[infinite].Video.Name}' is {_numbers[infinite]}. Give finite numbers.");
        if (_numbers.Min() == _numbers.Max())
        {
            throw host.Except(string.Create(CultureInfo.InvariantCulture,
                $"All {_numbers.Length} labels in column '{label.Name}' are {_numbers[0]}. There is nothing to learn."));
        }

        int[] order = [.. Enumerable.Range(0, _numbers.Length).OrderBy(i => _numbers[i])];
        _strata = new int[order.Length];
        for (int rank = 0; rank < order.Length; rank++)
            _strata[order[rank]] = rank * MostStrata / order.Length;
    }

    public override void AddLabels(ArrayDataViewBuilder builder, string column, IReadOnlyList<int> rows) =>
        builder.AddColumn(column, NumberDataViewType.Single, [.. rows.Select(i => _numbers[i])]);

    public override float[] Weights(IReadOnlyList<int> rows) => [.. rows.Select(_ => 1f)];

    public override ITransformer TrainLinear(MLContext ml, IDataView data, float strength, string label, string features) =>
        RidgeRegression.Fit(ml, data, strength, label, features);

    public override VideoMaeTrainerOptions? OptionsOf(VideoExperimentCandidate candidate) => candidate.NumberTraining?.Invoke();

    public override ITransformer TrainTransformer(IHost host, VideoMaeTrainerOptions options, IDataView data) =>
        new VideoMaeRegressionTrainer(host, (VideoMaeRegressionTrainer.Options)options).Fit(data);

    public override IEnumerable<float[]> ReadScores(IDataView scored) =>
        scored.GetColumn<float>(DefaultColumnNames.Score).Select(score => (float[])[score]);

    public override OutOfFold Judge(float[]?[] scores) => new NumberScores(scores, _numbers);

    public override IEnumerable<ITransformer> Deliver(
        IHostEnvironment env, IReadOnlyList<ModelPart> parts, float sharpness, ICollection<string> temporary)
    {
        string[] names = [.. parts.Select((_, i) => $"score{i}")];
        string mean = string.Create(
            CultureInfo.InvariantCulture, $"({string.Join(", ", names)}) => ({string.Join(" + ", names)}) / {parts.Count}f");
        // The estimator looks at the types of its columns, and at no row.
        var columns = new ArrayDataViewBuilder(env);
        foreach (ModelPart part in parts)
            columns.AddColumn(part.Score, NumberDataViewType.Single, Array.Empty<float>());
        return
        [
            new TransformsCatalog(env).Expression(DefaultColumnNames.Score, mean, [.. parts.Select(p => p.Score)])
                .Fit(columns.GetDataView(0)),
        ];
    }

    public override IReadOnlyList<VideoSuspectLabel> Suspects(OutOfFold scores) => [];
}
