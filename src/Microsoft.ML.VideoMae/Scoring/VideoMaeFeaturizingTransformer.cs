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

    private const string ModelSignature = "VMAEFEAT";
    private const uint VersionOfTwoColumns = 0x00010002;

    private static readonly VersionInfo s_oneColumn = VersionOf<VideoMaeFeaturizingTransformer>(ModelSignature, LoaderSignature);

    /// <summary>Written where there are two columns. A model of one is written as before, for earlier versions of this package.</summary>
    private static readonly VersionInfo s_twoColumns = new(
        ModelSignature, verWrittenCur: VersionOfTwoColumns, verReadableCur: VersionOfTwoColumns, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoMaeFeaturizingTransformer).Assembly.FullName);

    private readonly (string Name, int Layer, Range Values)[] _outputs;

    internal VideoMaeFeaturizingTransformer(
        IHostEnvironment env, IReadOnlyList<string> outputColumnNames, string featureColumnName, ClassificationModel model)
        : base(env, nameof(VideoMaeFeaturizingTransformer), featureColumnName, model)
    {
        _outputs = new (string, int, Range)[outputColumnNames.Count];
        int start = 0;
        for (int i = 0; i < _outputs.Length; i++)
        {
            int layer = model.FeatureParts[i];
            _outputs[i] = (outputColumnNames[i], layer, start..(start += model.LengthOf(layer)));
        }
    }

    /// <summary>Gives one video its features.</summary>
    /// <param name="video">The video.</param>
    /// <returns>
    /// [D], or [24 D] with <see cref="VideoMaePooling.Cells"/>; in models of a search that use both, one after the other. Not numbers where
    /// the video cannot be read and the policy is to skip it.
    /// </returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public float[] Extract(MLVideo video) => ScoreOne(video);

    /// <summary>
    /// One transformer for two that pool the tokens of the same encoder: a clip is read, and goes through the encoder, once for both. It
    /// has weights of its own. Null where the two differ in more than their pooling.
    /// </summary>
    /// <param name="env">The environment.</param>
    /// <param name="one">Gives the mean token of the last block, or <see cref="VideoMaePooling.Cells"/>.</param>
    /// <param name="other">Gives what the first one does not.</param>
    internal static VideoMaeFeaturizingTransformer? TryJoin(
        IHostEnvironment env, VideoMaeFeaturizingTransformer one, VideoMaeFeaturizingTransformer other)
    {
        (VideoMaeFeaturizingTransformer mean, VideoMaeFeaturizingTransformer cells) = one.OnnxFeatureLayer == 0 ? (one, other) : (other, one);
        if (mean._outputs is not [(string meanColumn, 0, _)] || cells._outputs is not [(string cellsColumn, ClassificationModel.Cells, _)]
            || mean.FeatureColumnName != cells.FeatureColumnName)
        {
            return null;
        }

        using SharedModel.Lease ofMean = mean.Model.Rent(), ofCells = cells.Model.Rent();
        var model = (ClassificationModel)ofMean.Value;
        return model.Settings.OnVideoError == ofCells.Value.Settings.OnVideoError && model.HasEncoderOf(ofCells.Value)
            ? new VideoMaeFeaturizingTransformer(
                env, [meanColumn, cellsColumn], mean.FeatureColumnName, model.WithFeatures(ClassificationModel.MeanAndCells))
            : null;
    }

    /// <summary>The block that a column has the features of, as <see cref="OnnxFeatureLayer"/>; null for a column of others.</summary>
    internal int? LayerOf(string column) => Array.Find(_outputs, o => o.Name == column) is { Name: not null } output ? output.Layer : null;

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema) =>
        [.. _outputs.Select(o => new DataViewSchema.DetachedColumn(
            o.Name, new VectorDataViewType(NumberDataViewType.Single, o.Values.GetOffsetAndLength(OutputLength).Length)))];

    private protected override Delegate CreateGetter(int output, Func<float[]> scores)
    {
        Range values = _outputs[output].Values;
        return ScoreGetters.Vector(_outputs.Length == 1 ? scores : () => scores()[values]);
    }

    internal override int? OnnxFeatureLayer => _outputs[^1].Layer;

    private protected override VersionInfo Version => _outputs.Length == 1 ? s_oneColumn : s_twoColumns;

    private protected override string[] ColumnNames => [FeatureColumnName, .. _outputs.Select(o => o.Name)];

    // Factory method for SignatureLoadModel.
    private static VideoMaeFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        int outputs = ctx.Header.ModelVerWritten < VersionOfTwoColumns ? 1 : 2;
        string[] columns = LoadColumnNames(env, ctx, s_twoColumns, count: outputs + 1);
        ClassificationModel model = ClassificationModel.Load(env, ctx, null);
        env.CheckDecode(model.FeatureParts.Count == outputs);
        return new VideoMaeFeaturizingTransformer(env, columns[1..], columns[0], model);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
