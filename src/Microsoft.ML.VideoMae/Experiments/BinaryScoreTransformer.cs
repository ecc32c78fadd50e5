// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Scoring;

[assembly: LoadableClass(typeof(BinaryScoreTransformer), null, typeof(SignatureLoadModel),
    BinaryScoreTransformer.UserName, BinaryScoreTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(BinaryScoreTransformer), null, typeof(SignatureLoadRowMapper),
    BinaryScoreTransformer.UserName, BinaryScoreTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae.Experiments;

/// <summary>Makes PredictedLabel, Probability and Score of yes or no from the probabilities of two classes: no, and yes.</summary>
internal sealed class BinaryScoreTransformer : RowToRowTransformerBase
{
    internal const string UserName = "Yes or No of Video Classifiers";
    internal const string LoaderSignature = "VideoBinaryScore";

    private const float Least = 1e-7f;

    private readonly string _probabilities;

    /// <param name="env">The environment.</param>
    /// <param name="probabilities">The column of two probabilities.</param>
    public BinaryScoreTransformer(IHostEnvironment env, string probabilities)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(BinaryScoreTransformer))) => _probabilities = probabilities;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDBINSC",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(BinaryScoreTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the name of the column of probabilities
        ctx.SaveNonEmptyString(_probabilities);
    }

    // Factory method for SignatureLoadModel.
    private static BinaryScoreTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        return new BinaryScoreTransformer(env, ctx.LoadNonEmptyString());
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly BinaryScoreTransformer _parent;
        private readonly DataViewSchema.Column _column;

        public Mapper(BinaryScoreTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _column = inputSchema.GetColumnOrNull(parent._probabilities)
                ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "score", parent._probabilities);
            if (_column.Type is not VectorDataViewType { Size: 2 } vector || !NumberDataViewType.Single.Equals(vector.ItemType))
            {
                throw Host.ExceptSchemaMismatch(
                    nameof(inputSchema), "score", parent._probabilities, "Vector<Single, 2>", _column.Type.ToString());
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => ScoreColumns.DeliverBinary(
            DefaultColumnNames.PredictedLabel, DefaultColumnNames.Probability, DefaultColumnNames.Score, InputSchema);

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) =>
            column => (activeOutput(0) || activeOutput(1) || activeOutput(2)) && column == _column.Index;

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action? disposer)
        {
            disposer = null;
            ValueGetter<VBuffer<float>> getter = input.GetGetter<VBuffer<float>>(_column);
            VBuffer<float> values = default;
            (float No, float Yes) Read()
            {
                getter(ref values);
                return (values.GetItemOrDefault(0), values.GetItemOrDefault(1));
            }

            float LogOdds()
            {
                (float no, float yes) = Read();
                return MathF.Log(MathF.Max(yes, Least)) - MathF.Log(MathF.Max(no, Least));
            }

            return iinfo switch
            {
                0 => (ValueGetter<bool>)((ref bool dst) => dst = LogOdds() > 0),
                1 => (ValueGetter<float>)((ref float dst) => dst = Read().Yes),
                _ => (ValueGetter<float>)((ref float dst) => dst = LogOdds()),
            };
        }

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
