// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Numerics.Tensors;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
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

    internal VideoPixelFeaturizingTransformer(IHostEnvironment env, string outputColumnName, string inputColumnName, int numFrames,
        int imageHeight, int imageWidth, VideoErrorPolicy onVideoError)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoPixelFeaturizingTransformer)), outputColumnName, inputColumnName,
            imageHeight, imageWidth, onVideoError, [2, imageHeight, imageWidth]) => NumFrames = numFrames;

    /// <summary>The number of frames that are looked at, spread evenly over the video.</summary>
    public int NumFrames { get; }

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override int Count => NumFrames;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDPIXFE",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoPixelFeaturizingTransformer).Assembly.FullName);

    // Factory method for SignatureLoadModel.
    private static VideoPixelFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Saved saved = Saved.Read(env, ctx, GetVersionInfo());
        return new VideoPixelFeaturizingTransformer(
            env, saved.Output, saved.Input, saved.Count, saved.Height, saved.Width, saved.OnVideoError);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    /// <summary>The mean frame, and the mean absolute difference of neighbours, [2, height, width].</summary>
    private protected override void Featurize(Func<FrameSampler, VideoFrames> read, Span<float> features)
    {
        VideoFrames frames = read(new UniformFrameSampler(NumFrames));
        var scaler = new GreyScaler(frames.Height, frames.Width, ImageHeight, ImageWidth);
        int size = ImageHeight * ImageWidth;
        (float[] current, float[] previous, float[] change) = (new float[size], new float[size], new float[size]);
        Span<float> mean = features[..size], motion = features[size..];
        features.Clear();
        for (int i = 0; i < frames.Count; i++, (current, previous) = (previous, current))
        {
            scaler.Scale(frames.Frame(i), current);
            TensorPrimitives.Add(mean, current, mean);
            if (i == 0)
                continue;
            TensorPrimitives.Subtract(current, previous, change);
            TensorPrimitives.Abs(change, change);
            TensorPrimitives.Add(motion, change, motion);
        }

        TensorPrimitives.Divide(mean, White * frames.Count, mean);
        TensorPrimitives.Divide(motion, White * Math.Max(1, frames.Count - 1), motion);
    }
}
