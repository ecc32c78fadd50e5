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
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Featurizing;

[assembly: LoadableClass(typeof(VideoFramesFeaturizingTransformer), null, typeof(SignatureLoadModel),
    VideoFramesFeaturizingTransformer.UserName, VideoFramesFeaturizingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoFramesFeaturizingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoFramesFeaturizingTransformer.UserName, VideoFramesFeaturizingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoFramesFeaturizingEstimator"/>.</summary>
public sealed class VideoFramesFeaturizingTransformer : VideoFeaturizingTransformer, IDisposable
{
    internal const string UserName = "Video Frames Featurizer";
    internal const string LoaderSignature = "VideoFramesFeaturizer";

    private const string PartName = "ImageFeaturizer";

    private readonly FrameImages _images;
    private readonly ImageColumns _names;
    private readonly IRowToRowMapper _mapper;
    private readonly int _length;

    internal VideoFramesFeaturizingTransformer(
        IHostEnvironment env, VideoColumns columns, FrameImages images, ImageColumns names, ITransformer imageFeaturizer)
        : this(env, columns, images, names, imageFeaturizer, names.MapperOf(env, imageFeaturizer, images))
    {
    }

    private VideoFramesFeaturizingTransformer(IHostEnvironment env, VideoColumns columns, FrameImages images, ImageColumns names,
        ITransformer imageFeaturizer, (IRowToRowMapper Mapper, int Length) fitted)
        : base(env, nameof(VideoFramesFeaturizingTransformer), columns, images.Dimensions(fitted.Length), images.MaxShortSide)
    {
        (_images, _names, ImageFeaturizer) = (images, names, imageFeaturizer);
        (_mapper, _length) = fitted;
    }

    /// <summary>The number of frames that are looked at, spread evenly over the video.</summary>
    public int NumFrames => _images.Frames;

    /// <summary>Whether each frame is one image, or is cut.</summary>
    public FrameCells Cells => _images.Cells;

    /// <summary>The fitted pipeline that makes a vector of an image. It is disposed of with this transformer.</summary>
    public ITransformer ImageFeaturizer { get; }

    private protected override VersionInfo Version => GetVersionInfo();

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDFRAFE",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoFramesFeaturizingTransformer).Assembly.FullName);

    /// <summary>Disposes of the image pipeline.</summary>
    public void Dispose() => (ImageFeaturizer as IDisposable)?.Dispose();

    private protected override void SaveSettings(ModelSaveContext ctx)
    {
        // int: id of the name of the column of images
        // int: id of the name of the column that the image pipeline makes
        // int * 4: the images
        // folder ImageFeaturizer: the fitted image pipeline
        ctx.SaveNonEmptyString(_names.Image);
        ctx.SaveNonEmptyString(_names.Features);
        _images.Save(ctx);
        ctx.SaveModel(ImageFeaturizer, PartName);
    }

    // Factory method for SignatureLoadModel.
    private static VideoFramesFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoColumns columns = Load(env, ctx, GetVersionInfo(),
            () => (new ImageColumns(ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString()), FrameImages.Read(env, ctx)),
            out (ImageColumns Names, FrameImages Images) settings);
        return new VideoFramesFeaturizingTransformer(env, columns, settings.Images, settings.Names, LoadPart(env, ctx));
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private static ITransformer LoadPart(IHostEnvironment env, ModelLoadContext ctx)
    {
        try
        {
            ctx.LoadModel<ITransformer, SignatureLoadModel>(env, out ITransformer imageFeaturizer, PartName);
            return imageFeaturizer;
        }
        catch (Exception e) when (MissingAssembly(e) is string name)
        {
            throw env.Except(e,
                $"The model describes frames with an image pipeline that needs the assembly '{name}', which is not there. " +
                $"Add the NuGet package '{name}', or the one that has it, to this program.");
        }
    }

    private static string? MissingAssembly(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is FileNotFoundException { FileName: string name } && name.Contains(", Version=", StringComparison.Ordinal))
                return name.Split(',')[0];
        }

        return null;
    }

    private protected override FrameRequest Wanted() => FrameRequest.ForSampler(new UniformFrameSampler(NumFrames), random: null);

    private protected override VideoDescriber Start() => new Describer(this);

    private sealed class Describer : VideoDescriber
    {
        private readonly VideoFramesFeaturizingTransformer _parent;
        private readonly FrameImageRow _image;
        private readonly DataViewRow _row;
        private readonly ValueGetter<VBuffer<float>> _getFeatures;
        private VBuffer<float> _features;

        public Describer(VideoFramesFeaturizingTransformer parent)
        {
            _parent = parent;
            _image = new FrameImageRow(parent._mapper.InputSchema);
            DataViewSchema.Column column = parent._mapper.OutputSchema[parent._names.Features];
            _row = parent._mapper.GetRow(_image, [column]);
            _getFeatures = _row.GetGetter<VBuffer<float>>(_row.Schema[column.Index]);
        }

        public override void Describe(Func<FrameSampler, VideoFrames> read, Span<float> features)
        {
            VideoFrames frames = read(new UniformFrameSampler(_parent.NumFrames));
            var cutter = new FrameCutter(_parent._images, frames.Height, frames.Width);
            int cells = _parent._images.CellCount, length = _parent._length;
            var vector = new float[cells * length]; // [cells, length]
            var overTime = new MeanAndChange(features);
            for (int frame = 0; frame < frames.Count; frame++)
            {
                for (int cell = 0; cell < cells; cell++)
                {
                    _image.Set(cutter.Cut(frames.Frame(frame), cell), cutter.Height, cutter.Width);
                    _getFeatures(ref _features);
                    _features.CopyTo(vector.AsSpan(cell * length, length));
                }

                overTime.Add(vector);
            }

            overTime.Finish();
        }

        public override void Dispose() => _row.Dispose();
    }
}
