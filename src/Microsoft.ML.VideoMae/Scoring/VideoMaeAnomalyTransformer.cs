// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(VideoMaeAnomalyTransformer), null, typeof(SignatureLoadModel),
    VideoMaeAnomalyTransformer.UserName, VideoMaeAnomalyTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeAnomalyTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeAnomalyTransformer.UserName, VideoMaeAnomalyTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> that a <see cref="VideoMaeAnomalyTrainer"/> makes: it says how unusual a clip is.</summary>
public sealed class VideoMaeAnomalyTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Anomaly Detector";
    internal const string LoaderSignature = "VideoMaeAnomaly";

    private static readonly VersionInfo s_version = VersionOf<VideoMaeAnomalyTransformer>("VMAEANOM", LoaderSignature);

    private readonly string _scoreColumnName;
    private readonly string _predictedLabelColumnName;

    internal VideoMaeAnomalyTransformer(
        IHostEnvironment env, string featureColumnName, string scoreColumnName, string predictedLabelColumnName, float threshold,
        PreTrainingModel model)
        : base(env, nameof(VideoMaeAnomalyTransformer), featureColumnName, model)
    {
        _scoreColumnName = scoreColumnName;
        _predictedLabelColumnName = predictedLabelColumnName;
        Threshold = threshold;
    }

    /// <summary>The score above which a clip counts as unusual.</summary>
    public float Threshold { get; }

    /// <summary>Scores one video.</summary>
    /// <param name="video">The video.</param>
    /// <returns>The reconstruction loss; not a number where the video cannot be read and the policy is to skip it.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public float Score(MLVideo video) => ScoreOne(video)[0];

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema)
    {
        return [Column(_predictedLabelColumnName, BooleanDataViewType.Instance, AnnotationUtils.Const.ScoreValueKind.PredictedLabel),
            Column(_scoreColumnName, NumberDataViewType.Single, AnnotationUtils.Const.ScoreValueKind.Score)];

        DataViewSchema.DetachedColumn Column(string name, DataViewType type, string kind)
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            ScoreColumns.AddScoreAnnotations(annotations, inputSchema, AnnotationUtils.Const.ScoreColumnKind.AnomalyDetection, kind);
            return new DataViewSchema.DetachedColumn(name, type, annotations.ToAnnotations());
        }
    }

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => output == 0
        ? (ValueGetter<bool>)((ref bool dst) => dst = scores()[0] > Threshold)
        : (ValueGetter<float>)((ref float dst) => dst = scores()[0]);

    private protected override VersionInfo Version => s_version;

    private protected override string[] ColumnNames => [FeatureColumnName, _scoreColumnName, _predictedLabelColumnName];

    // *** Binary format ***
    // float: the threshold
    private protected override void SaveOwn(ModelSaveContext ctx) => ctx.Writer.Write(Threshold);

    // Factory method for SignatureLoadModel.
    private static VideoMaeAnomalyTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        string[] columns = LoadColumnNames(env, ctx, s_version, count: 3);
        float threshold = ctx.Reader.ReadSingle();
        return new VideoMaeAnomalyTransformer(env, columns[0], columns[1], columns[2], threshold, PreTrainingModel.Load(env, ctx));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
