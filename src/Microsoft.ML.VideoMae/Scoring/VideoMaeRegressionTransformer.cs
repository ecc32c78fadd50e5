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

[assembly: LoadableClass(typeof(VideoMaeRegressionTransformer), null, typeof(SignatureLoadModel),
    VideoMaeRegressionTransformer.UserName, VideoMaeRegressionTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeRegressionTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeRegressionTransformer.UserName, VideoMaeRegressionTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> that a <see cref="VideoMaeRegressionTrainer"/> makes: it gives every clip a number.</summary>
public sealed class VideoMaeRegressionTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Regression";
    internal const string LoaderSignature = "VideoMaeRegression";

    private static readonly VersionInfo s_version = VersionOf<VideoMaeRegressionTransformer>("VMAEREGR", LoaderSignature);

    private readonly string _scoreColumnName;

    internal VideoMaeRegressionTransformer(
        IHostEnvironment env, string featureColumnName, string scoreColumnName, ClassificationModel model)
        : base(env, nameof(VideoMaeRegressionTransformer), featureColumnName, model) => _scoreColumnName = scoreColumnName;

    /// <summary>Gives one video its number.</summary>
    /// <param name="video">The video.</param>
    /// <returns>The number; not a number where the video cannot be read and the policy is to skip it.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public float Predict(MLVideo video) => ScoreOne(video)[0];

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema)
    {
        var annotations = new DataViewSchema.Annotations.Builder();
        ScoreColumns.AddScoreAnnotations(
            annotations, inputSchema, AnnotationUtils.Const.ScoreColumnKind.Regression, AnnotationUtils.Const.ScoreValueKind.Score);
        return [new(_scoreColumnName, NumberDataViewType.Single, annotations.ToAnnotations())];
    }

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) =>
        (ValueGetter<float>)((ref float dst) => dst = scores()[0]);

    private protected override VersionInfo Version => s_version;

    private protected override string[] ColumnNames => [FeatureColumnName, _scoreColumnName];

    // Factory method for SignatureLoadModel.
    private static VideoMaeRegressionTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        string[] columns = LoadColumnNames(env, ctx, s_version, count: 2);
        return new VideoMaeRegressionTransformer(env, columns[0], columns[1], ClassificationModel.Load(env, ctx, 1));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
