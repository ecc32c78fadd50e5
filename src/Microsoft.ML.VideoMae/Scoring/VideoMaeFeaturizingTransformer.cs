// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(VideoMaeFeaturizingTransformer), null, typeof(SignatureLoadModel),
    VideoMaeFeaturizingTransformer.UserName, VideoMaeFeaturizingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeFeaturizingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeFeaturizingTransformer.UserName, VideoMaeFeaturizingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> that a <see cref="VideoMaeFeaturizingEstimator"/> makes: it gives every clip a vector of features.</summary>
public sealed class VideoMaeFeaturizingTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Featurizer";
    internal const string LoaderSignature = "VideoMaeFeatures";

    private readonly string _outputColumnName;

    internal VideoMaeFeaturizingTransformer(IHostEnvironment env, string outputColumnName, string featureColumnName, ClassifierScorer scorer)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaeFeaturizingTransformer)), nameof(VideoMaeFeaturizingTransformer), featureColumnName, scorer) =>
        _outputColumnName = outputColumnName;

    /// <summary>Gives one video its features.</summary>
    /// <param name="video">The video.</param>
    /// <returns>[D]; not numbers where the video cannot be read and the policy is to skip it.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public float[] Extract(MLVideo video) => ScoreOne(video);

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
        [new(_outputColumnName, new VectorDataViewType(NumberDataViewType.Single, Config.HiddenSize))];

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => ScoreGetters.Vector(scores);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VMAEFEAT",
        verWrittenCur: 0x00010001, // Initial
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(VideoMaeFeaturizingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the column name of the clips
        // int: id of the output column name
        // scorer (ClassifierScorer.Save): settings, and the binary stream 'Weights'
        ctx.SaveNonEmptyString(FeatureColumnName);
        ctx.SaveNonEmptyString(_outputColumnName);
        using SharedScorer.Lease lease = Scorer.Rent();
        lease.Value.Save(ctx);
    }

    // Factory method for SignatureLoadModel.
    private static VideoMaeFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        string feature = ctx.LoadNonEmptyString();
        string output = ctx.LoadNonEmptyString();
        return new VideoMaeFeaturizingTransformer(env, output, feature, ClassifierScorer.Load(env, ctx, null));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
