// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Decoding;
using Microsoft.ML.VideoMae.Featurizing;

[assembly: LoadableClass(typeof(VideoPixelFeaturizingTransformer), null, typeof(SignatureLoadModel),
    VideoPixelFeaturizingTransformer.UserName, VideoPixelFeaturizingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoPixelFeaturizingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoPixelFeaturizingTransformer.UserName, VideoPixelFeaturizingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoPixelFeaturizingEstimator"/>.</summary>
public sealed class VideoPixelFeaturizingTransformer : VideoFeaturizingTransformer
{
    internal const string UserName = "Video Pixel Featurizer";
    internal const string LoaderSignature = "VideoPixelFeaturizer";

    private const float White = 255;

    private readonly GreyFrames _frames;

    internal VideoPixelFeaturizingTransformer(IHostEnvironment env, VideoColumns columns, GreyFrames frames)
        : base(env, nameof(VideoPixelFeaturizingTransformer), columns, [2, frames.Height, frames.Width], frames.MaxShortSide) =>
        _frames = frames;

    /// <summary>The number of frames that are looked at, spread evenly over the video.</summary>
    public int NumFrames => _frames.Count;

    /// <summary>The height of the frames that features are made of, in pixels.</summary>
    public int ImageHeight => _frames.Height;

    /// <summary>The width of the frames that features are made of, in pixels.</summary>
    public int ImageWidth => _frames.Width;

    private protected override VersionInfo Version => GetVersionInfo();

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDPIXFE",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoPixelFeaturizingTransformer).Assembly.FullName);

    private protected override void SaveSettings(ModelSaveContext ctx) => _frames.Save(ctx);

    // Factory method for SignatureLoadModel.
    private static VideoPixelFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoColumns columns = Load(env, ctx, GetVersionInfo(), () => GreyFrames.Read(env, ctx), out GreyFrames frames);
        return new VideoPixelFeaturizingTransformer(env, columns, frames);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override FrameRequest Wanted() => FrameRequest.ForSampler(new UniformFrameSampler(_frames.Count), random: null);

    private protected override VideoDescriber Start() => new Describer(_frames);

    /// <summary>The mean frame, and the mean absolute difference of neighbours, [2, height, width].</summary>
    private sealed class Describer(GreyFrames wanted) : VideoDescriber
    {
        public override void Describe(Func<FrameSampler, VideoFrames> read, Span<float> features)
        {
            VideoFrames frames = read(new UniformFrameSampler(wanted.Count));
            var scaler = new AreaScaler(frames.Height, frames.Width, wanted.Height, wanted.Width);
            var grey = new float[wanted.Height * wanted.Width];
            var overTime = new MeanAndChange(features);
            for (int i = 0; i < frames.Count; i++)
            {
                scaler.ScaleToGrey(frames.Frame(i), grey);
                overTime.Add(grey);
            }

            overTime.Finish(White);
        }
    }
}
