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

[assembly: LoadableClass(typeof(VideoMaeBinaryTransformer), null, typeof(SignatureLoadModel),
    VideoMaeBinaryTransformer.UserName, VideoMaeBinaryTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeBinaryTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeBinaryTransformer.UserName, VideoMaeBinaryTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="ITransformer"/> that a <see cref="VideoMaeBinaryTrainer"/> makes: it gives every clip log-odds, a probability, and a
/// label.
/// </summary>
public sealed class VideoMaeBinaryTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Binary Classifier";
    internal const string LoaderSignature = "VideoMaeBinary";

    private static readonly VersionInfo s_version = VersionOf<VideoMaeBinaryTransformer>("VMAEBINA", LoaderSignature);

    private readonly string _scoreColumnName;
    private readonly string _probabilityColumnName;
    private readonly string _predictedLabelColumnName;

    internal VideoMaeBinaryTransformer(IHostEnvironment env, string featureColumnName, string scoreColumnName, string probabilityColumnName,
        string predictedLabelColumnName, ClassificationModel model)
        : base(env, nameof(VideoMaeBinaryTransformer), featureColumnName, model)
    {
        _scoreColumnName = scoreColumnName;
        _probabilityColumnName = probabilityColumnName;
        _predictedLabelColumnName = predictedLabelColumnName;
    }

    /// <summary>Gives the probability that one video is of the class.</summary>
    /// <param name="video">The video.</param>
    /// <returns>0 to 1; not a number where the video cannot be read and the policy is to skip it.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public float Predict(MLVideo video) => Probability(ScoreOne(video)[0]);

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
        ScoreColumns.DeliverBinary(_predictedLabelColumnName, _probabilityColumnName, _scoreColumnName, inputSchema);

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => output switch
    {
        0 => (ValueGetter<bool>)((ref bool dst) => dst = scores()[0] > 0),
        1 => (ValueGetter<float>)((ref float dst) => dst = Probability(scores()[0])),
        _ => (ValueGetter<float>)((ref float dst) => dst = scores()[0]),
    };

    private static float Probability(float logOdds) => 1 / (1 + MathF.Exp(-logOdds));

    private protected override VersionInfo Version => s_version;

    private protected override string[] ColumnNames =>
        [FeatureColumnName, _scoreColumnName, _probabilityColumnName, _predictedLabelColumnName];

    // Factory method for SignatureLoadModel.
    private static VideoMaeBinaryTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        string[] columns = LoadColumnNames(env, ctx, s_version, count: 4);
        return new VideoMaeBinaryTransformer(env, columns[0], columns[1], columns[2], columns[3], ClassificationModel.Load(env, ctx, 1));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
