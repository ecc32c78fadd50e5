// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;

namespace Microsoft.ML.VideoMae;

/// <content>Scoring row by row, and what is written into an ML.NET model.</content>
public abstract partial class VideoMaeScoringTransformer
{
    /// <summary>The version of the model file that this transformer writes.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>The names of its columns, in the order of the file.</summary>
    private protected abstract string[] ColumnNames { get; }

    private protected static VersionInfo VersionOf<T>(string modelSignature, string loaderSignature) => new(
        modelSignature,
        verWrittenCur: 0x00010001, // Initial
        verReadableCur: 0x00010001,
        verWeCanReadBack: 0x00010001,
        loaderSignature: loaderSignature,
        loaderAssemblyName: typeof(T).Assembly.FullName);

    /// <summary>Reads the start of a model file: the names of columns.</summary>
    private protected static string[] LoadColumnNames(IHostEnvironment env, ModelLoadContext ctx, VersionInfo version, int count)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(version);
        return [.. Enumerable.Range(0, count).Select(_ => ctx.LoadNonEmptyString())];
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);

        // *** Binary format ***
        // int each: ids of the names of the columns
        // what this transformer has besides (SaveOwn)
        // the model (VideoModel.Save): settings, and the binary stream 'Weights'
        foreach (string name in ColumnNames)
            ctx.SaveNonEmptyString(name);
        SaveOwn(ctx);
        using SharedModel.Lease lease = Model.Rent();
        lease.Value.Save(ctx);
    }

    /// <summary>Writes what this transformer has besides columns and model.</summary>
    private protected virtual void SaveOwn(ModelSaveContext ctx)
    {
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    /// <summary>Scores row by row, as a prediction engine needs it.</summary>
    private sealed class Mapper : MapperBase
    {
        private readonly VideoMaeScoringTransformer _parent;
        private readonly int _clipColumn;

        public Mapper(VideoMaeScoringTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _clipColumn = ClipColumn.Find(Host, inputSchema, parent.FeatureColumnName, parent.Config).Index;
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() => _parent.CreateColumns(InputSchema);

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
        {
            bool any = AnyActive(activeOutput);
            return column => any && column == _clipColumn;
        }

        public override Delegate[] CreateGetters(DataViewRow input, Func<int, bool> activeOutput, out Action disposer)
        {
            var getters = new Delegate[OutputColumns.Value.Length];
            disposer = null!;
            if (!AnyActive(activeOutput))
                return getters;
            SharedModel.Lease lease = _parent.Model.Rent();
            IChannel channel = Host.Start("Scoring");
            disposer = () =>
            {
                channel.Dispose();
                lease.Dispose();
            };
            ValueGetter<MLVideo> getClip = ClipColumn.Reader(input, input.Schema[_clipColumn]);
            long position = -1;
            float[] scores = [];
            float[] Scores()
            {
                if (position == input.Position)
                    return scores;
                MLVideo clip = null!;
                getClip(ref clip);
                scores = lease.Value.Score(clip, channel);
                position = input.Position;
                return scores;
            }

            for (int i = 0; i < getters.Length; i++)
                getters[i] = activeOutput(i) ? _parent.CreateGetter(i, Scores) : null!;
            return getters;
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer) =>
            throw Host.ExceptNotSupp("All getters are made together, by CreateGetters.");

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);

        private bool AnyActive(Func<int, bool> activeOutput) => Enumerable.Range(0, OutputColumns.Value.Length).Any(activeOutput);
    }
}
