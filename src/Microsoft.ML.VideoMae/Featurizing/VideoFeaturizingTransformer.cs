// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Featurizing;

namespace Microsoft.ML.VideoMae;

/// <summary>What transformers share that make a vector of numbers of a video, without a VideoMAE model.</summary>
/// <remarks>
/// Rows are mapped one by one. Where a cursor of ML.NET's reads a column in several threads, as it does by default, so many videos are
/// decoded at a time; the order of the rows stays.
/// </remarks>
public abstract class VideoFeaturizingTransformer : RowToRowTransformerBase, ITransformer
{
    private readonly VideoColumns _columns;
    private readonly int[] _dimensions;
    private readonly int? _maxShortSide;

    /// <param name="env">The environment.</param>
    /// <param name="name">The name in the log.</param>
    /// <param name="columns">The two columns, and the policy.</param>
    /// <param name="dimensions">The dimensions of the vector.</param>
    /// <param name="maxShortSide">Larger frames are made so small while they are decoded; null for none.</param>
    private protected VideoFeaturizingTransformer(
        IHostEnvironment env, string name, VideoColumns columns, int[] dimensions, int? maxShortSide = null)
        : base(Contracts.CheckRef(env, nameof(env)).Register(name))
    {
        _columns = columns;
        _dimensions = dimensions;
        _maxShortSide = maxShortSide;
    }

    /// <summary>The name of the column that is made.</summary>
    public string OutputColumnName => _columns.Output;

    /// <summary>The name of the Video column that is read.</summary>
    public string InputColumnName => _columns.Input;

    /// <summary>Larger frames are made so small while they are decoded; null for none.</summary>
    internal int? MaxShortSide => _maxShortSide;

    /// <summary>The version of the format in which this transformer is saved.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>Writes what <see cref="Load{TSettings}"/> is to read: all but the columns and the policy.</summary>
    private protected abstract void SaveSettings(ModelSaveContext ctx);

    /// <summary>Begins to describe videos: one reader of the column, which serves one thread.</summary>
    private protected abstract VideoDescriber Start();

    /// <summary>Describes videos as they are read. Small ones are decoded ahead, many in a run of ffmpeg.</summary>
    /// <param name="input">Data with the Video column.</param>
    /// <returns>The data with the column of features; nothing is decoded before it is read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The Video column is missing, or of another type.</exception>
    public new IDataView Transform(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        DataViewSchema.Column video = _columns.FindIn(Host, input.Schema);
        return MakeDataTransform(new ReadAheadView(input, video, Wanted, ReadOptions(Host, _maxShortSide), Host.CheckAlive));
    }

    IDataView ITransformer.Transform(IDataView input) => Transform(input);

    /// <summary>
    /// The frames of a video that are read ahead: those that it is described by. A sampler that remembers its choice needs all of them.
    /// </summary>
    private protected virtual FrameRequest Wanted() => FrameRequest.All;

    /// <summary>How videos are read.</summary>
    internal static VideoReadOptions ReadOptions(IHost host, int? maxShortSide) =>
        VideoReadOptions.Default with { TempFilePath = TemporaryFiles.FolderOf(host), MaxShortSide = maxShortSide };

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);

        // *** Binary format ***
        // int: id of the output column name
        // int: id of the input column name
        // what each transformer has of its own
        // int: policy for videos that cannot be read
        ctx.SaveNonEmptyString(OutputColumnName);
        ctx.SaveNonEmptyString(InputColumnName);
        SaveSettings(ctx);
        ctx.Writer.Write((int)_columns.OnVideoError);
    }

    /// <summary>Reads what <see cref="SaveModel"/> wrote.</summary>
    /// <param name="env">The environment.</param>
    /// <param name="ctx">The model.</param>
    /// <param name="version">The version of the format.</param>
    /// <param name="read">Reads and checks what the transformer has of its own.</param>
    /// <param name="settings">What that gave.</param>
    private protected static VideoColumns Load<TSettings>(
        IHostEnvironment env, ModelLoadContext ctx, VersionInfo version, Func<TSettings> read, out TSettings settings)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(version);
        string output = ctx.LoadNonEmptyString(), input = ctx.LoadNonEmptyString();
        settings = read();
        var onVideoError = (VideoErrorPolicy)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(onVideoError));
        return new VideoColumns(output, input, onVideoError);
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly VideoFeaturizingTransformer _parent;
        private readonly DataViewSchema.Column _input;
        private readonly VideoReadOptions _options;
        private readonly FeaturizingPass _pass;

        public Mapper(VideoFeaturizingTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _options = ReadOptions(Host, parent._maxShortSide);
            _input = parent._columns.FindIn(Host, inputSchema);
            _pass = new FeaturizingPass(Host);
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            [new(_parent.OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, _parent._dimensions))];

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) =>
            column => activeOutput(0) && column == _input.Index;

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            VideoDescriber describer = _parent.Start();
            _pass.Enter();
            disposer = () =>
            {
                _pass.Leave();
                describer.Dispose();
            };
            ValueGetter<MLVideo> getVideo = input.GetGetter<MLVideo>(input.Schema[_input.Index]);
            int length = ((VectorDataViewType)OutputColumns.Value[0].Type).Size;
            MLVideo video = null!;
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> dst) =>
            {
                Host.CheckAlive();
                getVideo(ref video);
                VBufferEditor<float> editor = VBufferEditor.Create(ref dst, length);
                Describe(describer, video, editor.Values);
                dst = editor.Commit();
            });
        }

        private void Describe(VideoDescriber describer, MLVideo video, Span<float> features)
        {
            using var memory = new FrameMemory();
            try
            {
                describer.Describe(Read, features);
            }
            catch (VideoReadException e) when (_parent._columns.OnVideoError == VideoErrorPolicy.Skip)
            {
                _pass.Skip(e);
                features.Fill(float.NaN);
            }

            VideoFrames Read(FrameSampler sampler)
            {
                VideoReader reader = VideoReader.Default;
                VideoFrames frames = reader.ReadKept(video, sampler, memory, _options) ?? reader.Read(video, sampler, memory, _options);
                _pass.Add(video, frames);
                return frames;
            }
        }

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}

/// <summary>Makes numbers of one video after the other, in one thread.</summary>
internal abstract class VideoDescriber : IDisposable
{
    /// <summary>Reads the frames that are wanted of a video, and describes them.</summary>
    /// <param name="read">Reads the frames a sampler chooses; they must not be looked at after this method.</param>
    /// <param name="features">Where the numbers go.</param>
    public abstract void Describe(Func<FrameSampler, VideoFrames> read, Span<float> features);

    public virtual void Dispose()
    {
    }
}
