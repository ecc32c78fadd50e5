// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Processing;

[assembly: LoadableClass(typeof(VideoPixelExtractingTransformer), null, typeof(SignatureLoadModel),
    VideoPixelExtractingTransformer.UserName, VideoPixelExtractingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoPixelExtractingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoPixelExtractingTransformer.UserName, VideoPixelExtractingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoPixelExtractingEstimator"/>.</summary>
public sealed class VideoPixelExtractingTransformer : RowToRowTransformerBase
{
    internal const string UserName = "Video Pixel Extractor";
    internal const string LoaderSignature = "VideoPixelExtractor";

    private readonly VideoMaeImageProcessor _processor;
    private readonly VideoErrorPolicy _onVideoError;
    private readonly int[] _dimensions;

    internal VideoPixelExtractingTransformer(IHostEnvironment env, string outputColumnName, string inputColumnName,
        VideoMaeImageProcessor processor, FrameSampler sampler, VideoErrorPolicy onVideoError)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoPixelExtractingTransformer)))
    {
        OutputColumnName = outputColumnName;
        InputColumnName = inputColumnName;
        Sampler = sampler;
        _processor = processor;
        _onVideoError = onVideoError;
        (int height, int width) = processor.FixedOutputSize!.Value;
        _dimensions = [sampler.NumFrames, VideoFrames.Channels, height, width];
    }

    /// <summary>The name of the column of pixel values that is made.</summary>
    public string OutputColumnName { get; }

    /// <summary>The name of the Video column that is read.</summary>
    public string InputColumnName { get; }

    /// <summary>Which frames make a clip.</summary>
    public FrameSampler Sampler { get; }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDPIXEX",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoPixelExtractingTransformer).Assembly.FullName);

    private protected override void SaveModel(ModelSaveContext ctx)
    {
        Host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int: id of the output column name
        // int: id of the input column name
        // int: id of the processor's settings (preprocessor_config.json)
        // int: id of the frame sampling
        // int: policy for videos that cannot be read
        ctx.SaveNonEmptyString(OutputColumnName);
        ctx.SaveNonEmptyString(InputColumnName);
        ctx.SaveNonEmptyString(_processor.ToJson());
        ctx.SaveNonEmptyString(Sampler.ToString());
        ctx.Writer.Write((int)_onVideoError);
    }

    // Factory method for SignatureLoadModel.
    private static VideoPixelExtractingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see SaveModel ***
        string output = ctx.LoadNonEmptyString();
        string input = ctx.LoadNonEmptyString();
        VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromJson(ctx.LoadNonEmptyString());
        FrameSampler sampler = FrameSampler.Parse(ctx.LoadNonEmptyString());
        var onVideoError = (VideoErrorPolicy)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(onVideoError));
        env.CheckDecode(processor.FixedOutputSize is not null);
        return new VideoPixelExtractingTransformer(env, output, input, processor, sampler, onVideoError);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly VideoPixelExtractingTransformer _parent;
        private readonly DataViewSchema.Column _input;
        private readonly VideoReadOptions _options;

        public Mapper(VideoPixelExtractingTransformer parent, DataViewSchema inputSchema)
            : base(parent.Host.Register(nameof(Mapper)), inputSchema, parent)
        {
            _parent = parent;
            _options = VideoReadOptions.Default with { TempFilePath = TemporaryFiles.FolderOf(Host) };
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
            IChannel channel = Host.Start("Extracting");
            var notes = new VideoNotes();
            disposer = () =>
            {
                notes.Report(text => channel.Warning(text));
                channel.Dispose();
            };
            ValueGetter<MLVideo> getVideo = input.GetGetter<MLVideo>(input.Schema[_input.Index]);
            int length = ((VectorDataViewType)OutputColumns.Value[0].Type).Size;
            MLVideo video = null!;
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> dst) =>
            {
                getVideo(ref video);
                VBufferEditor<float> editor = VBufferEditor.Create(ref dst, length);
                Extract(video, editor.Values, channel, notes);
                dst = editor.Commit();
            });
        }

        private void Extract(MLVideo video, Span<float> pixelValues, IChannel channel, VideoNotes notes)
        {
            try
            {
                VideoFrames frames = VideoReader.Default.Read(video, _parent.Sampler, _options);
                notes.Add(video, frames);
                _parent._processor.Process(frames, pixelValues);
            }
            catch (VideoReadException e) when (_parent._onVideoError == VideoErrorPolicy.Skip)
            {
                channel.Warning($"A row gets no pixel values: {e.Message}");
                pixelValues.Fill(float.NaN);
            }
        }

        private protected override void SaveModel(ModelSaveContext ctx) => _parent.SaveModel(ctx);
    }
}
