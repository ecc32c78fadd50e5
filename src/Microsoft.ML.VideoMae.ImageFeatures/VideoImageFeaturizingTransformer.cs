// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Experiments;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.ImageFeatures;
using Microsoft.ML.VideoMae.Onnx;

[assembly: LoadableClass(typeof(VideoImageFeaturizingTransformer), null, typeof(SignatureLoadModel),
    VideoImageFeaturizingTransformer.UserName, VideoImageFeaturizingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoImageFeaturizingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoImageFeaturizingTransformer.UserName, VideoImageFeaturizingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoImageFeaturizingEstimator"/>.</summary>
public sealed class VideoImageFeaturizingTransformer : VideoFeaturizingTransformer, IOnnxFeatures
{
    internal const string UserName = "Video Image Featurizer";
    internal const string LoaderSignature = "VideoImageFeaturizer";

    // As many images go through the network at a time: more are not faster, and take memory.
    private const int Batch = 8;

    private readonly FrameImages _images;
    private readonly Lazy<ResNet18> _network;

    internal VideoImageFeaturizingTransformer(IHostEnvironment env, VideoColumns columns, FrameImages images)
        : base(env, nameof(VideoImageFeaturizingTransformer), columns, images.Dimensions(ResNet18.Length), images.MaxShortSide)
    {
        _images = images;
        _network = new Lazy<ResNet18>(() => ResNet18.Shared(Host));
    }

    /// <summary>The number of frames that are looked at, spread evenly over the video.</summary>
    public int NumFrames => _images.Frames;

    /// <summary>Whether each frame is one image, or is cut.</summary>
    public FrameCells Cells => _images.Cells;

    OnnxPartInput IOnnxFeatures.OnnxInput =>
        new(new UniformFrameSampler(_images.Frames).ToString(), _images.Frames) { MaxShortSide = _images.MaxShortSide };

    string? IOnnxFeatures.OnnxLicense => "mit (ResNet-18 of Microsoft.ML.DnnImageFeaturizer.ResNet18)";

    string IOnnxFeatures.AddTo(OnnxGraph graph, string frames) => new OnnxImages(graph, _images, _network.Value).Add(frames);

    private protected override VersionInfo Version => GetVersionInfo();

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDIMGFE",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoImageFeaturizingTransformer).Assembly.FullName);

    private protected override void SaveSettings(ModelSaveContext ctx)
    {
        // int * 4: the images
        // int: id of the SHA-256 of the network
        _images.Save(ctx);
        ctx.SaveNonEmptyString(NetworkFiles.Find(Host).Hash);
    }

    // Factory method for SignatureLoadModel.
    private static VideoImageFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoColumns columns = Load(env, ctx, GetVersionInfo(), () =>
        {
            FrameImages images = FrameImages.Read(env, ctx);
            env.CheckDecode((images.Height, images.Width) == (ResNet18.Side, ResNet18.Side));
            NetworkFiles.Find(env).CheckHash(env, ctx.LoadNonEmptyString());
            return images;
        }, out FrameImages images);
        return new VideoImageFeaturizingTransformer(env, columns, images);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override FrameRequest Wanted() => FrameRequest.ForSampler(new UniformFrameSampler(_images.Frames), random: null);

    private protected override VideoDescriber Start() => new Describer(this);

    private sealed class Describer(VideoImageFeaturizingTransformer parent) : VideoDescriber
    {
        private readonly FrameImages _images = parent._images;
        private float[] _input = []; // [images, 3, 224, 224]

        public override void Describe(Func<FrameSampler, VideoFrames> read, Span<float> features)
        {
            VideoFrames frames = read(new UniformFrameSampler(_images.Frames));
            float[] vectors = Vectors(frames);
            int size = _images.CellCount * ResNet18.Length;
            var overTime = new MeanAndChange(features);
            for (int frame = 0; frame < frames.Count; frame++)
                overTime.Add(vectors.AsSpan(frame * size, size));
            overTime.Finish();
        }

        /// <summary>What the network makes of all images, [frames, cells, 512].</summary>
        private float[] Vectors(VideoFrames frames)
        {
            ResNet18 network = parent._network.Value;
            var cutter = new FrameCutter(_images, frames.Height, frames.Width);
            int cells = _images.CellCount, total = frames.Count * cells;
            if (_input.Length == 0)
                _input = new float[Math.Min(Batch, total) * ResNet18.Pixels];
            var vectors = new float[total * ResNet18.Length];
            for (int start = 0, count; start < total; start += count)
            {
                count = Math.Min(_input.Length / ResNet18.Pixels, total - start);
                for (int i = 0; i < count; i++)
                {
                    ReadOnlySpan<byte> image = cutter.Cut(frames.Frame((start + i) / cells), (start + i) % cells);
                    network.Prepare(image, _input.AsSpan(i * ResNet18.Pixels, ResNet18.Pixels));
                }

                network.Run(_input, count, vectors.AsSpan(start * ResNet18.Length));
            }

            return vectors;
        }
    }
}
