// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Modeling;
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
/// <remarks>
/// It holds native memory: dispose of it when it is no longer needed. By default a prediction engine disposes of the transformer
/// it was made from; other engines and cursors made from it keep working until they are disposed themselves.
/// </remarks>
public sealed class VideoMaeClassificationTransformer : RowToRowTransformerBase, ITransformer, IDisposable
{
    internal const string LoaderSignature = "VideoMaeClassifier";

    private readonly string _labelColumnName;
    private readonly string _featureColumnName;
    private readonly string _scoreColumnName;
    private readonly string _predictedLabelColumnName;
    private readonly ClassLabels _labels;
    private readonly SharedScorer _scorer;

    internal VideoMaeClassificationTransformer(IHostEnvironment env, string labelColumnName, string featureColumnName,
        string scoreColumnName, string predictedLabelColumnName, ClassLabels labels, ClassifierScorer scorer)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaeClassificationTransformer)))
    {
        _labelColumnName = labelColumnName;
        _featureColumnName = featureColumnName;
        _scoreColumnName = scoreColumnName;
        _predictedLabelColumnName = predictedLabelColumnName;
        _labels = labels;
        _scorer = new SharedScorer(nameof(VideoMaeClassificationTransformer), scorer);
        Config = scorer.Config;
    }

    /// <summary>The shape of the model.</summary>
    public VideoMaeConfig Config { get; }

    /// <summary>The name of the Video column that is read.</summary>
    public string FeatureColumnName => _featureColumnName;

    /// <summary>Scores data, batch by batch as it is read.</summary>
    /// <param name="input">Data with the Video column.</param>
    /// <returns>The data with the predicted label and the scores; nothing is decoded before they are read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The Video column is missing or of another type.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public new IDataView Transform(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        using (_scorer.Rent())
        {
            IDataView rowByRow = MakeDataTransform(input);
            return new BatchedScoringView(Host, input, rowByRow, _scorer, ClipColumn.Find(Host, input.Schema, _featureColumnName, Config).Index);
        }
    }

    IDataView ITransformer.Transform(IDataView input) => Transform(input);

    /// <summary>Classifies one video.</summary>
    /// <param name="video">The video.</param>
    /// <param name="count">How many classes to return; null returns all.</param>
    /// <returns>Class names and probabilities, the most probable first; not a number where a video cannot be read and the policy is to skip it.</returns>
    /// <exception cref="VideoReadException">The video cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public IReadOnlyList<KeyValuePair<string, float>> Predict(MLVideo video, int? count = null)
    {
        Host.CheckValue(video, nameof(video));
        using SharedScorer.Lease lease = _scorer.Rent();
        using IChannel channel = Host.Start("Scoring");
        float[] scores = lease.Value.Score([lease.Value.TryReadPixelValues(video, channel, default)])[0];
        return TopScores.Rank(_labels.Names, scores, count);
    }

    /// <summary>
    /// Writes a folder in Hugging Face's layout (config.json, model.safetensors, preprocessor_config.json), which Python reads and
    /// which this package reads back.
    /// </summary>
    /// <param name="folder">The folder; made if missing.</param>
    /// <exception cref="System.IO.IOException">A file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public void SavePretrained(string folder)
    {
        Host.CheckNonWhiteSpace(folder, nameof(folder));
        using SharedScorer.Lease lease = _scorer.Rent();
        using IChannel channel = Host.Start("Exporting");
        foreach (string note in lease.Value.Model.SavePretrained(folder))
            channel.Warning(note);
        lease.Value.Processor.SavePretrained(folder);
    }

    /// <summary>Frees the weights once no prediction engine or cursor uses them; a second call does nothing.</summary>
    public void Dispose() => _scorer.Dispose();

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VMAECLSF",
        verWrittenCur: 0x00010001, // Initial
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(VideoMaeClassificationTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the label column name
        // int: id of the video column name
        // int: id of the score column name
        // int: id of the predicted label column name
        // class labels (ClassLabels.Save)
        // scorer (ClassifierScorer.Save): settings, and the binary stream 'Weights'
        ctx.SaveNonEmptyString(_labelColumnName);
        ctx.SaveNonEmptyString(_featureColumnName);
        ctx.SaveNonEmptyString(_scoreColumnName);
        ctx.SaveNonEmptyString(_predictedLabelColumnName);
        _labels.Save(Host, ctx);
        using SharedScorer.Lease lease = _scorer.Rent();
        lease.Value.Save(ctx);
    }

    // Factory method for SignatureLoadModel.
    private static VideoMaeClassificationTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        string label = ctx.LoadNonEmptyString();
        string feature = ctx.LoadNonEmptyString();
        string score = ctx.LoadNonEmptyString();
        string predictedLabel = ctx.LoadNonEmptyString();
        ClassLabels labels = ClassLabels.Load(env, ctx);
        ClassifierScorer scorer = ClassifierScorer.Load(env, ctx, labels.Count);
        return new VideoMaeClassificationTransformer(env, label, feature, score, predictedLabel, labels, scorer);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    /// <summary>Scores row by row, as a prediction engine needs it.</summary>
    private sealed class Mapper : MapperBase
    {
        private readonly VideoMaeClassificationTransformer _parent;
        private readonly int _videoColumn;

        public Mapper(VideoMaeClassificationTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _videoColumn = ClipColumn.Find(Host, inputSchema, parent._featureColumnName, parent.Config).Index;
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            ScoreColumns.Deliver(_parent._labels, _parent._predictedLabelColumnName, _parent._scoreColumnName, InputSchema);

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            bool any = activeOutput(0) || activeOutput(1);
            return column => any && column == _videoColumn;
        }

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            var getters = new Delegate[OutputColumns.Value.Length];
            if (!activeOutput(0) && !activeOutput(1))
            {
                disposer = null!;
                return getters;
            }

            SharedScorer.Lease lease = _parent._scorer.Rent();
            IChannel channel = Host.Start("Scoring");
            disposer = () =>
            {
                channel.Dispose();
                lease.Dispose();
            };
            ValueGetter<MLVideo> video = ClipColumn.Reader(input, input.Schema[_videoColumn]);
            long position = -1;
            float[] scores = [];
            float[] Scores()
            {
                if (position == input.Position)
                    return scores;
                MLVideo clip = null!;
                video(ref clip);
                scores = lease.Value.Score([lease.Value.TryReadPixelValues(clip, channel, default)])[0];
                position = input.Position;
                return scores;
            }

            for (int i = 0; i < getters.Length; i++)
                getters[i] = activeOutput(i) ? ScoreGetters.Create(i, Scores) : null!;
            return getters;
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer) =>
            throw Host.ExceptNotSupp("All getters are made together, by CreateGetters.");

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
