// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(VideoMaeBinaryTransformer), null, typeof(SignatureLoadModel),
    VideoMaeBinaryTransformer.UserName, VideoMaeBinaryTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMaeBinaryTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMaeBinaryTransformer.UserName, VideoMaeBinaryTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>
/// The <see cref="ITransformer"/> that a <see cref="VideoMaeBinaryTrainer"/> makes: it gives every clip log-odds, a probability, and a label.
/// </summary>
public sealed class VideoMaeBinaryTransformer : VideoMaeScoringTransformer
{
    internal const string UserName = "VideoMAE Binary Classifier";
    internal const string LoaderSignature = "VideoMaeBinary";

    private readonly string _scoreColumnName;
    private readonly string _probabilityColumnName;
    private readonly string _predictedLabelColumnName;

    internal VideoMaeBinaryTransformer(IHostEnvironment env, string featureColumnName, string scoreColumnName, string probabilityColumnName,
        string predictedLabelColumnName, ClassifierScorer scorer)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaeBinaryTransformer)), nameof(VideoMaeBinaryTransformer), featureColumnName, scorer)
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

    private protected override DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema)
    {
        DataViewSchema.Annotations Annotations(string valueKind, bool normalized = false)
        {
            var builder = new DataViewSchema.Annotations.Builder();
            ScoreColumns.AddScoreAnnotations(builder, inputSchema, AnnotationUtils.Const.ScoreColumnKind.BinaryClassification, valueKind);
            if (normalized)
                builder.AddPrimitiveValue(AnnotationUtils.Kinds.IsNormalized, BooleanDataViewType.Instance, true);
            return builder.ToAnnotations();
        }

        return
        [
            new(_predictedLabelColumnName, BooleanDataViewType.Instance, Annotations(AnnotationUtils.Const.ScoreValueKind.PredictedLabel)),
            new(_probabilityColumnName, NumberDataViewType.Single, Annotations(AnnotationUtils.Const.ScoreValueKind.Probability, normalized: true)),
            new(_scoreColumnName, NumberDataViewType.Single, Annotations(AnnotationUtils.Const.ScoreValueKind.Score)),
        ];
    }

    private protected override Delegate CreateGetter(int output, Func<float[]> scores) => output switch
    {
        0 => (ValueGetter<bool>)((ref bool dst) => dst = scores()[0] > 0),
        1 => (ValueGetter<float>)((ref float dst) => dst = Probability(scores()[0])),
        _ => (ValueGetter<float>)((ref float dst) => dst = scores()[0]),
    };

    private static float Probability(float logOdds) => 1 / (1 + MathF.Exp(-logOdds));

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VMAEBINA",
        verWrittenCur: 0x00010001, // Initial
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(VideoMaeBinaryTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the column name of the clips
        // int: id of the score column name
        // int: id of the probability column name
        // int: id of the predicted label column name
        // scorer (ClassifierScorer.Save): settings, and the binary stream 'Weights'
        ctx.SaveNonEmptyString(FeatureColumnName);
        ctx.SaveNonEmptyString(_scoreColumnName);
        ctx.SaveNonEmptyString(_probabilityColumnName);
        ctx.SaveNonEmptyString(_predictedLabelColumnName);
        using SharedScorer.Lease lease = Scorer.Rent();
        lease.Value.Save(ctx);
    }

    // Factory method for SignatureLoadModel.
    private static VideoMaeBinaryTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        string feature = ctx.LoadNonEmptyString();
        string score = ctx.LoadNonEmptyString();
        string probability = ctx.LoadNonEmptyString();
        string predictedLabel = ctx.LoadNonEmptyString();
        return new VideoMaeBinaryTransformer(env, feature, score, probability, predictedLabel, ClassifierScorer.Load(env, ctx, 1));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);
}
