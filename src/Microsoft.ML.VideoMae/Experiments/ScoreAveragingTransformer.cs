// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(ScoreAveragingTransformer), null, typeof(SignatureLoadModel),
    ScoreAveragingTransformer.UserName, ScoreAveragingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(ScoreAveragingTransformer), null, typeof(SignatureLoadRowMapper),
    ScoreAveragingTransformer.UserName, ScoreAveragingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>
/// Makes the PredictedLabel and Score columns of a classifier from those of one or more: each gets its temperature, and they are averaged.
/// </summary>
internal sealed class ScoreAveragingTransformer : RowToRowTransformerBase
{
    internal const string UserName = "Mean of Video Classifiers";
    internal const string LoaderSignature = "VideoScoreAveraging";

    private const uint VersionWithoutSharpness = 0x00010001;

    private readonly (string Column, float Sharpness)[] _inputs;
    private readonly ClassLabels _labels;
    private readonly string _predictedLabel;
    private readonly string _score;

    /// <param name="env">The environment.</param>
    /// <param name="inputs">Columns of probabilities, and the power that each is raised to: the inverse of its temperature.</param>
    /// <param name="sharpness">The power that their mean is raised to.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="predictedLabel">The column for the most probable class.</param>
    /// <param name="score">The column for the probabilities.</param>
    public ScoreAveragingTransformer(
        IHostEnvironment env, IReadOnlyList<(string Column, float Sharpness)> inputs, float sharpness, ClassLabels labels,
        string predictedLabel = DefaultColumnNames.PredictedLabel, string score = DefaultColumnNames.Score)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(ScoreAveragingTransformer))) =>
        (_inputs, Sharpness, _labels, _predictedLabel, _score) = ([.. inputs], sharpness, labels, predictedLabel, score);

    /// <summary>The columns that are averaged, and the power that the probabilities of each are raised to.</summary>
    public IReadOnlyList<(string Column, float Sharpness)> Inputs => _inputs;

    /// <summary>The power that their mean is raised to, the inverse of a temperature: 1 changes nothing.</summary>
    public float Sharpness { get; }

    public ClassLabels Labels => _labels;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDAVERG",
        verWrittenCur: 0x00010002, verReadableCur: 0x00010002, verWeCanReadBack: VersionWithoutSharpness,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(ScoreAveragingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the name of the column of the most probable class
        // int: id of the name of the column of probabilities
        // int: number of columns that are averaged
        // for each: int: id of its name, float: the power that its probabilities are raised to
        // float: the power that the mean is raised to (not in the first version, where it was 1)
        // the classes, as ClassLabels writes them
        ctx.SaveNonEmptyString(_predictedLabel);
        ctx.SaveNonEmptyString(_score);
        ctx.Writer.Write(_inputs.Length);
        foreach ((string column, float sharpness) in _inputs)
        {
            ctx.SaveNonEmptyString(column);
            ctx.Writer.Write(sharpness);
        }

        ctx.Writer.Write(Sharpness);
        _labels.Save(Host, ctx);
    }

    // Factory method for SignatureLoadModel.
    private static ScoreAveragingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        string predictedLabel = ctx.LoadNonEmptyString();
        string score = ctx.LoadNonEmptyString();
        int count = ctx.Reader.ReadInt32();
        env.CheckDecode(count is > 0 and < 1000);
        var inputs = new (string, float)[count];
        for (int i = 0; i < count; i++)
        {
            inputs[i] = (ctx.LoadNonEmptyString(), ctx.Reader.ReadSingle());
            env.CheckDecode(float.IsFinite(inputs[i].Item2) && inputs[i].Item2 > 0);
        }

        float ofMean = ctx.Header.ModelVerWritten == VersionWithoutSharpness ? 1 : ctx.Reader.ReadSingle();
        env.CheckDecode(float.IsFinite(ofMean) && ofMean > 0);
        return new ScoreAveragingTransformer(env, inputs, ofMean, ClassLabels.Load(env, ctx), predictedLabel, score);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly ScoreAveragingTransformer _parent;
        private readonly DataViewSchema.Column[] _columns;

        public Mapper(ScoreAveragingTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _columns = [.. parent._inputs.Select(i => Find(inputSchema, i.Column))];
        }

        private DataViewSchema.Column Find(DataViewSchema schema, string name)
        {
            DataViewSchema.Column column = schema.GetColumnOrNull(name)
                ?? throw Host.ExceptSchemaMismatch(nameof(schema), "score", name);
            return column.Type is VectorDataViewType vector && NumberDataViewType.Single.Equals(vector.ItemType)
                && vector.Size == _parent._labels.Count
                ? column
                : throw Host.ExceptSchemaMismatch(
                    nameof(schema), "score", name, $"Vector<Single, {_parent._labels.Count}>", column.Type.ToString());
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            ScoreColumns.Deliver(_parent._labels, _parent._predictedLabel, _parent._score, InputSchema);

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) =>
            column => (activeOutput(0) || activeOutput(1)) && Array.Exists(_columns, c => c.Index == column);

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            ValueGetter<VBuffer<float>>[] getters = [.. _columns.Select(c => input.GetGetter<VBuffer<float>>(c))];
            int count = _parent._labels.Count;
            float[] mean = new float[count], sharp = new float[count];
            VBuffer<float> scores = default;
            void Average()
            {
                Array.Clear(mean);
                for (int i = 0; i < getters.Length; i++)
                {
                    getters[i](ref scores);
                    ClassScores.Sharpen([.. scores.DenseValues()], _parent._inputs[i].Sharpness, sharp);
                    for (int c = 0; c < count; c++)
                        mean[c] += sharp[c] / getters.Length;
                }

                if (_parent.Sharpness != 1)
                    ClassScores.Sharpen([.. mean], _parent.Sharpness, mean);
            }

            if (iinfo == 1)
            {
                return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> dst) =>
                {
                    Average();
                    VBufferEditor<float> editor = VBufferEditor.Create(ref dst, count);
                    mean.CopyTo(editor.Values);
                    dst = editor.Commit();
                });
            }

            return (ValueGetter<uint>)((ref uint dst) =>
            {
                Average();
                // A video that could not be read has probabilities that are not numbers, and no class.
                dst = Array.Exists(mean, float.IsNaN) ? 0 : (uint)Array.IndexOf(mean, mean.Max()) + 1;
            });
        }

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
