// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;

[assembly: LoadableClass(typeof(VideoLoadingTransformer), null, typeof(SignatureLoadModel),
    VideoLoadingTransformer.UserName, VideoLoadingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoLoadingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoLoadingTransformer.UserName, VideoLoadingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoLoadingEstimator"/>.</summary>
public sealed class VideoLoadingTransformer : RowToRowTransformerBase
{
    internal const string UserName = "Video Loader";
    internal const string LoaderSignature = "VideoLoader";
    internal const string ExpectedInput = "String (a path) or a vector of Byte (the contents of a file)";

    internal VideoLoadingTransformer(IHostEnvironment env, string outputColumnName, string inputColumnName, string? videoFolder)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoLoadingTransformer)))
    {
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
        VideoFolder = videoFolder;
    }

    /// <summary>The name of the Video column that is made.</summary>
    public string OutputColumnName { get; }

    /// <summary>The name of the column that is read.</summary>
    public string InputColumnName { get; }

    /// <summary>The folder that relative paths start from; null is the current folder.</summary>
    public string? VideoFolder { get; }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDLOADR",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoLoadingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the output column name
        // int: id of the input column name
        // int: id of the video folder, or of null
        ctx.SaveNonEmptyString(OutputColumnName);
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveStringOrNull(VideoFolder);
    }

    // Factory method for SignatureLoadModel.
    private static VideoLoadingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        return new VideoLoadingTransformer(env, ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.LoadStringOrNull());
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly VideoLoadingTransformer _parent;
        private readonly DataViewSchema.Column _input;

        public Mapper(VideoLoadingTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _input = inputSchema.GetColumnOrNull(parent.InputColumnName)
                ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", parent.InputColumnName);
            if (_input.Type is not TextDataViewType && !IsBytes(_input.Type))
            {
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", parent.InputColumnName, ExpectedInput,
                    _input.Type.ToString());
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            [new(_parent.OutputColumnName, VideoDataViewType.Instance)];

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) =>
            column => activeOutput(0) && column == _input.Index;

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null!;
            DataViewSchema.Column column = input.Schema[_input.Index];
            return _input.Type is TextDataViewType ? FromPath(input, column) : FromBytes(input, column);
        }

        private ValueGetter<MLVideo> FromPath(DataViewRow input, DataViewSchema.Column column)
        {
            var path = input.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return (ref MLVideo dst) =>
            {
                path(ref text);
                Host.Check(!text.IsEmpty, $"Column '{column.Name}' is empty in row {input.Position}; expected the path of a video.");
                dst = MLVideo.CreateFromFile(_parent.VideoFolder is null
                    ? text.ToString()
                    : Path.Combine(_parent.VideoFolder, text.ToString()));
            };
        }

        private ValueGetter<MLVideo> FromBytes(DataViewRow input, DataViewSchema.Column column)
        {
            var contents = input.GetGetter<VBuffer<byte>>(column);
            VBuffer<byte> bytes = default;
            return (ref MLVideo dst) =>
            {
                contents(ref bytes);
                dst = MLVideo.CreateFromBytes(bytes.DenseValues().ToArray(), $"{column.Name} of row {input.Position}");
            };
        }

        private static bool IsBytes(DataViewType type) => type is VectorDataViewType vector && vector.ItemType == NumberDataViewType.Byte;

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
