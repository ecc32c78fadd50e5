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

[assembly: LoadableClass(typeof(VideoMaeFeaturizingTransformer), null, typeof(SignatureLoadModel),
    VideoMaeFeaturizingTransformer.UserName, VideoMaeFeaturizingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeFeaturizingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeFeaturizingTransformer.UserName, VideoMaeFeaturizingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="ITransformer"/> that a <see cref="VideoMaeFeaturizingEstimator"/> makes: it gives every clip a vector of features.
/// </summary>
public sealed class VideoMaeFeaturizingTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Featurizer";
    internal const string LoaderSignature = "VideoMaeFeatures";

    private static readonly VersionInfo s_version = VersionOf<VideoMaeFeaturizingTransformer>("VMAEFEAT", LoaderSignature);

    private readonly string _outputColumnName;
    private readonly int _layer;

    internal VideoMaeFeaturizingTransformer(
        IHostEnvironment env, string outputColumnName, string featureColumnName, ClassificationModel model)
        : base(env, nameof(VideoMaeFeaturizingTransformer), featureColumnName, model)
    {
        _outputColumnName = outputColumnName;
        _layer = model.FeatureLayer ?? 0;
    }

    /// <summary>Gives one video its features.</summary>
    /// <param name="video">The video.</param>
    /// <returns>[D], or [24 D] with <see cref="VideoMaePooling.Cells"/>; not numbers where the video cannot be read and the policy is to skip it.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public float[] Extract(MLVideo video) => ScoreOne(video);

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
        [new(_outputColumnName, new VectorDataViewType(NumberDataViewType.Single, OutputLength))];

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => ScoreGetters.Vector(scores);

    internal override int? OnnxFeatureLayer => _layer;

    private protected override VersionInfo Version => s_version;

    private protected override string[] ColumnNames => [FeatureColumnName, _outputColumnName];

    // Factory method for SignatureLoadModel.
    private static VideoMaeFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        string[] columns = LoadColumnNames(env, ctx, s_version, count: 2);
        return new VideoMaeFeaturizingTransformer(env, columns[1], columns[0], ClassificationModel.Load(env, ctx, null));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
