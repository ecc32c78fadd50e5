// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Reconstruction;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(VideoMaePretrainedTransformer), null, typeof(SignatureLoadModel),
    VideoMaePretrainedTransformer.UserName, VideoMaePretrainedTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaePretrainedTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaePretrainedTransformer.UserName, VideoMaePretrainedTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="ITransformer"/> that pre-training makes: it gives every clip features and a reconstruction loss. Saved to a .zip, or as a
/// folder by <see cref="VideoMaeScoringTransformer.SavePretrained"/>, it is what trainers take as PretrainedModel.
/// </summary>
public sealed class VideoMaePretrainedTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Pre-trained Model";
    internal const string LoaderSignature = "VideoMaePretrained";

    private static readonly VersionInfo s_version = VersionOf<VideoMaePretrainedTransformer>("VMAEPRET", LoaderSignature);

    private readonly string _outputColumnName;
    private readonly string _lossColumnName;

    internal VideoMaePretrainedTransformer(
        IHostEnvironment env, string featureColumnName, string outputColumnName, string lossColumnName, PreTrainingModel model)
        : base(env, nameof(VideoMaePretrainedTransformer), featureColumnName, model)
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
        using SharedModel.Lease lease = Model.Rent();
        return Unmasker.Reconstruct((PreTrainingModel)lease.Value, video, mask);
    }

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
    [
        new(_outputColumnName, new VectorDataViewType(NumberDataViewType.Single, Config.HiddenSize)),
        new(_lossColumnName, NumberDataViewType.Single),
    ];

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => output == 0
        ? ScoreGetters.Vector(() => scores()[..^1])
        : (ValueGetter<float>)((ref float dst) => dst = scores()[^1]);

    private protected override VersionInfo Version => s_version;

    private protected override string[] ColumnNames => [FeatureColumnName, _outputColumnName, _lossColumnName];

    // Factory method for SignatureLoadModel.
    private static VideoMaePretrainedTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        string[] columns = LoadColumnNames(env, ctx, s_version, count: 3);
        return new VideoMaePretrainedTransformer(env, columns[0], columns[1], columns[2], PreTrainingModel.Load(env, ctx));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
