// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Explanation;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(VideoMaeClassificationTransformer), null, typeof(SignatureLoadModel),
    VideoMaeTrainer.UserName, VideoMaeClassificationTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeClassificationTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeTrainer.UserName, VideoMaeClassificationTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="ITransformer"/> that a <see cref="VideoMaeTrainer"/> makes: it gives every clip a predicted label and the
/// probability of each class.
/// </summary>
public sealed class VideoMaeClassificationTransformer : VideoMaeScoringTransformer
{
    internal const string LoaderSignature = "VideoMaeClassifier";

    private static readonly VersionInfo s_version = VersionOf<VideoMaeClassificationTransformer>("VMAECLSF", LoaderSignature);

    private const int MostNamed = 10;

    private readonly string _labelColumnName;
    private readonly string _scoreColumnName;
    private readonly string _predictedLabelColumnName;
    private readonly ClassLabels _labels;

    internal VideoMaeClassificationTransformer(IHostEnvironment env, string labelColumnName, string featureColumnName,
        string scoreColumnName, string predictedLabelColumnName, ClassLabels labels, ClassificationModel model)
        : base(env, nameof(VideoMaeClassificationTransformer), featureColumnName, model)
    {
        _labelColumnName = labelColumnName;
        _scoreColumnName = scoreColumnName;
        _predictedLabelColumnName = predictedLabelColumnName;
        _labels = labels;
    }

    /// <summary>A fine-tuned checkpoint as a transformer.</summary>
    /// <inheritdoc cref="ClassificationModel.FromCheckpoint"/>
    internal static VideoMaeClassificationTransformer FromCheckpoint(IHostEnvironment env, string pathOrId, string featureColumnName,
        string scoreColumnName, string predictedLabelColumnName, FrameSampler? sampler, (int? Clips, int? Crops, bool? Flip) views,
        WeightStorage storage)
    {
        IHost host = env.Register(nameof(VideoMaeClassificationTransformer));
        host.CheckNonWhiteSpace(pathOrId, nameof(pathOrId));
        host.CheckParam(views.Clips is null or > 0 && views.Crops is null or > 0, nameof(views),
            "The numbers of test clips and crops have to be above 0.");
        using IChannel channel = host.Start("Loading");
        ClassificationModel model = ClassificationModel.FromCheckpoint(env, channel, pathOrId, sampler, views, storage);
        return new VideoMaeClassificationTransformer(env, DefaultColumnNames.Label, featureColumnName, scoreColumnName,
            predictedLabelColumnName, ClassLabels.FromConfig(model.Config, channel), model);
    }

    /// <summary>Classifies one video.</summary>
    /// <param name="video">The video.</param>
    /// <param name="count">How many classes to return; null returns all.</param>
    /// <returns>
    /// Class names and probabilities, the most probable first; not a number where a video cannot be read and the policy is to skip it.
    /// </returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public IReadOnlyList<KeyValuePair<string, float>> Predict(MLVideo video, int? count = null) =>
        TopScores.Rank(_labels.Names, ScoreOne(video), count);

    /// <summary>Shows where the model looked in a video: attention, followed through all blocks.</summary>
    /// <param name="video">The video; one view of it is explained, however many are scored.</param>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public VideoMaeExplanation Explain(MLVideo video)
    {
        Host.CheckValue(video, nameof(video));
        using SharedModel.Lease lease = Model.Rent();
        var model = (ClassificationModel)lease.Value;
        return AttentionRollout.Explain(model, video, scores => TopScores.Rank(_labels.Names, scores, null));
    }

    private protected override IReadOnlyList<string> OnnxLabels => _labels.Names;

    /// <summary>Evaluators compare the keys of labels and predictions by number, whatever values they stand for.</summary>
    private protected override void NoteInput(DataViewSchema inputSchema)
    {
        if (inputSchema.GetColumnOrNull(_labelColumnName) is not { Type: KeyDataViewType } label || _labels.ValuesType is null)
            return;
        ClassLabels own = ClassLabels.FromColumn(Host, label);
        if (own.ValuesType is not null && !own.Names.SequenceEqual(_labels.Names))
        {
            Warn($"Column '{_labelColumnName}' has the keys {string.Join(", ", own.Names.Take(MostNamed))}, and this model " +
                $"{string.Join(", ", _labels.Names.Take(MostNamed))}: " +
                "evaluators compare keys by number, and would compare one class with another. " +
                "Map labels with the pipeline that the model was trained in.");
        }
    }

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
        ScoreColumns.Deliver(_labels, _predictedLabelColumnName, _scoreColumnName, inputSchema);

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => ScoreGetters.Create(output, scores);

    private protected override VersionInfo Version => s_version;

    private protected override string[] ColumnNames => [_labelColumnName, FeatureColumnName, _scoreColumnName, _predictedLabelColumnName];

    // *** Binary format ***
    // the classes (ClassLabels.Save)
    private protected override void SaveOwn(ModelSaveContext ctx) => _labels.Save(Host, ctx);

    // Factory method for SignatureLoadModel.
    private static VideoMaeClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        string[] columns = LoadColumnNames(env, ctx, s_version, count: 4);
        ClassLabels labels = ClassLabels.Load(env, ctx);
        ClassificationModel model = ClassificationModel.Load(env, ctx, labels.Count);
        return new VideoMaeClassificationTransformer(env, columns[0], columns[1], columns[2], columns[3], labels, model);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
