// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Decoding;

namespace Microsoft.ML.VideoMae;

/// <summary>What transformers share that describe a video by a vector of numbers, without a model.</summary>
/// <remarks>
/// Rows are mapped one by one. Where a cursor of ML.NET's reads a column in several threads, as it does by default, so many videos are
/// decoded at a time; the order of the rows stays.
/// </remarks>
public abstract class VideoFeaturizingTransformer : RowToRowTransformerBase
{
    // ffmpeg makes larger frames smaller while it decodes: this many pixels of the shorter side for each of the features' longer side are
    // enough for the mean of an area.
    private const int Detail = 4;

    private readonly VideoErrorPolicy _onVideoError;
    private readonly int[] _dimensions;

    private protected VideoFeaturizingTransformer(
        IHost host, string outputColumnName, string inputColumnName, int imageHeight, int imageWidth, VideoErrorPolicy onVideoError,
        int[] dimensions)
        : base(host)
    {
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
        ImageHeight = imageHeight;
        ImageWidth = imageWidth;
        _onVideoError = onVideoError;
        _dimensions = dimensions;
    }

    /// <summary>The name of the column of features that is made.</summary>
    public string OutputColumnName { get; }

    /// <summary>The name of the Video column that is read.</summary>
    public string InputColumnName { get; }

    /// <summary>The height of the frames that features are made of, in pixels.</summary>
    public int ImageHeight { get; }

    /// <summary>The width of the frames that features are made of, in pixels.</summary>
    public int ImageWidth { get; }

    /// <summary>The version of the format in which this transformer is saved.</summary>
    private protected abstract VersionInfo Version { get; }

    /// <summary>How many frames, or pairs of them, are looked at: the number that is saved.</summary>
    private protected abstract int Count { get; }

    /// <summary>Reads the frames that are wanted of a video, and describes them.</summary>
    /// <param name="read">Reads the frames a sampler chooses; they must not be looked at after this method.</param>
    /// <param name="features">Where the numbers go.</param>
    private protected abstract void Featurize(Func<FrameSampler, VideoFrames> read, Span<float> features);

    /// <summary>The schema after the transform; throws where the Video column is missing or of another type.</summary>
    internal SchemaShape AddTo(IExceptionContext context, SchemaShape inputSchema)
    {
        context.CheckValue(inputSchema, nameof(inputSchema));
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        if (!columns.TryGetValue(InputColumnName, out SchemaShape.Column input))
            throw context.ExceptSchemaMismatch(nameof(inputSchema), "input", InputColumnName);
        if (input.ItemType is not VideoDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw context.ExceptSchemaMismatch(
                nameof(inputSchema), "input", InputColumnName, VideoDataViewType.Expected, input.GetTypeString());
        columns[OutputColumnName] = new SchemaShape.Column(
            OutputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);

        // *** Binary format ***
        // int: id of the output column name
        // int: id of the input column name
        // int: number of frames or pairs of frames
        // int: height of a frame
        // int: width of a frame
        // int: policy for videos that cannot be read
        ctx.SaveNonEmptyString(OutputColumnName);
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.Writer.Write(Count);
        ctx.Writer.Write(ImageHeight);
        ctx.Writer.Write(ImageWidth);
        ctx.Writer.Write((int)_onVideoError);
    }

    /// <summary>What <see cref="SaveModel"/> wrote.</summary>
    private protected readonly record struct Saved(
        string Output, string Input, int Count, int Height, int Width, VideoErrorPolicy OnVideoError)
    {
        public static Saved Read(IHostEnvironment env, ModelLoadContext ctx, VersionInfo version, int leastHeight = 1, int leastWidth = 1)
        {
            Contracts.CheckValue(env, nameof(env));
            env.CheckValue(ctx, nameof(ctx));
            ctx.CheckAtModel(version);
            var saved = new Saved(ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(),
                ctx.Reader.ReadInt32(), (VideoErrorPolicy)ctx.Reader.ReadInt32());
            env.CheckDecode(saved.Count > 0 && saved.Height >= leastHeight && saved.Width >= leastWidth);
            env.CheckDecode(Enum.IsDefined(saved.OnVideoError));
            return saved;
        }
    }

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly VideoFeaturizingTransformer _parent;
        private readonly DataViewSchema.Column _input;
        private readonly VideoReadOptions _options;

        public Mapper(VideoFeaturizingTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _options = VideoReadOptions.Default with
            {
                TempFilePath = TemporaryFiles.FolderOf(Host),
                MaxShortSide = Detail * Math.Max(parent.ImageHeight, parent.ImageWidth),
            };
            _input = inputSchema.GetColumnOrNull(parent.InputColumnName)
                ?? throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", parent.InputColumnName);
            if (_input.Type is not VideoDataViewType)
                throw Host.ExceptSchemaMismatch(nameof(inputSchema), "input", parent.InputColumnName, VideoDataViewType.Expected,
                    _input.Type.ToString());
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore() =>
            [new(_parent.OutputColumnName, new VectorDataViewType(NumberDataViewType.Single, _parent._dimensions))];

        private protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) =>
            column => activeOutput(0) && column == _input.Index;

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            IChannel channel = Host.Start("Featurizing");
            var notes = new VideoNotes();
            disposer = () =>
            {
                notes.Report(text => channel.Warning(text));
                channel.Dispose();
            };
            ValueGetter<MLVideo> getVideo = input.GetGetter<MLVideo>(_input);
            int length = ((VectorDataViewType)OutputColumns.Value[0].Type).Size;
            MLVideo video = null!;
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> dst) =>
            {
                getVideo(ref video);
                VBufferEditor<float> editor = VBufferEditor.Create(ref dst, length);
                Featurize(video, editor.Values, channel, notes);
                dst = editor.Commit();
            });
        }

        private void Featurize(MLVideo video, Span<float> features, IChannel channel, VideoNotes notes)
        {
            using var memory = new FrameMemory();
            try
            {
                _parent.Featurize(Read, features);
            }
            catch (VideoReadException e) when (_parent._onVideoError == VideoErrorPolicy.Skip)
            {
                channel.Warning($"A row gets no features: {e.Message}");
                features.Fill(float.NaN);
            }

            VideoFrames Read(FrameSampler sampler)
            {
                VideoFrames frames = VideoReader.Default.Read(video, sampler, memory, _options);
                notes.Add(video, frames);
                return frames;
            }
        }

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
