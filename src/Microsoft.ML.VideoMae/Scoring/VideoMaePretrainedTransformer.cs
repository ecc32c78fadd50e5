// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(VideoMaePretrainedTransformer), null, typeof(SignatureLoadModel),
    VideoMaePretrainedTransformer.UserName, VideoMaePretrainedTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaePretrainedTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaePretrainedTransformer.UserName, VideoMaePretrainedTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="ITransformer"/> that pre-training makes: it gives every clip features and a reconstruction loss. Saved to a .zip, or as a folder
/// by <see cref="VideoMaeScoringTransformer.SavePretrained"/>, it is what trainers take as PretrainedModel.
/// </summary>
public sealed class VideoMaePretrainedTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Pre-trained Model";
    internal const string LoaderSignature = "VideoMaePretrained";

    private readonly string _outputColumnName;
    private readonly string _lossColumnName;

    internal VideoMaePretrainedTransformer(IHostEnvironment env, string featureColumnName, string outputColumnName, string lossColumnName, ReconstructionScorer scorer)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaePretrainedTransformer)), nameof(VideoMaePretrainedTransformer), featureColumnName, scorer)
    {
        _outputColumnName = outputColumnName;
        _lossColumnName = lossColumnName;
    }

    /// <summary>Hides patches of a video, as in training, and reconstructs them.</summary>
    /// <param name="video">The video.</param>
    /// <param name="mask">Which of the clip's masks, from 0; a clip always has the same ones.</param>
    /// <returns>Frames before and after, to look at and to save as pictures.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public VideoMaeReconstruction Reconstruct(MLVideo video, int mask = 0)
    {
        Host.CheckValue(video, nameof(video));
        ArgumentOutOfRangeException.ThrowIfNegative(mask);
        using SharedScorer.Lease lease = Scorer.Rent();
        return ((ReconstructionScorer)lease.Value).Reconstruct(video, mask);
    }

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
    [
        new(_outputColumnName, new VectorDataViewType(NumberDataViewType.Single, Config.HiddenSize)),
        new(_lossColumnName, NumberDataViewType.Single),
    ];

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => output == 0
        ? ScoreGetters.Vector(() => scores()[..^1])
        : (ValueGetter<float>)((ref float dst) => dst = scores()[^1]);

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VMAEPRET",
        verWrittenCur: 0x00010001, // Initial
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(VideoMaePretrainedTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the column name of the clips
        // int: id of the column name of the features
        // int: id of the column name of the loss
        // scorer (ReconstructionScorer.Save): settings, and the binary stream 'Weights'
        ctx.SaveNonEmptyString(FeatureColumnName);
        ctx.SaveNonEmptyString(_outputColumnName);
        ctx.SaveNonEmptyString(_lossColumnName);
        using SharedScorer.Lease lease = Scorer.Rent();
        lease.Value.Save(ctx);
    }

    // Factory method for SignatureLoadModel.
    private static VideoMaePretrainedTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        string feature = ctx.LoadNonEmptyString();
        string output = ctx.LoadNonEmptyString();
        string loss = ctx.LoadNonEmptyString();
        return new VideoMaePretrainedTransformer(env, feature, output, loss, ReconstructionScorer.Load(env, ctx));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
