// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Featurizing;

[assembly: LoadableClass(typeof(VideoMotionFeaturizingTransformer), null, typeof(SignatureLoadModel),
    VideoMotionFeaturizingTransformer.UserName, VideoMotionFeaturizingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoMotionFeaturizingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoMotionFeaturizingTransformer.UserName, VideoMotionFeaturizingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoMotionFeaturizingEstimator"/>.</summary>
public sealed class VideoMotionFeaturizingTransformer : VideoFeaturizingTransformer
{
    internal const string UserName = "Video Motion Featurizer";
    internal const string LoaderSignature = "VideoMotionFeaturizer";

    internal VideoMotionFeaturizingTransformer(IHostEnvironment env, string outputColumnName, string inputColumnName, int numFramePairs,
        int imageHeight, int imageWidth, VideoErrorPolicy onVideoError)
        : base(Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMotionFeaturizingTransformer)), outputColumnName, inputColumnName,
            imageHeight, imageWidth, onVideoError, [MotionHistogram.Length]) => NumFramePairs = numFramePairs;

    /// <summary>The largest number of pairs of consecutive frames that are looked at.</summary>
    public int NumFramePairs { get; }

    private protected override VersionInfo Version => GetVersionInfo();

    private protected override int Count => NumFramePairs;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDMOTFE",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoMotionFeaturizingTransformer).Assembly.FullName);

    // Factory method for SignatureLoadModel.
    private static VideoMotionFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Saved saved = Saved.Read(env, ctx, GetVersionInfo(), MotionHistogram.LeastHeight, MotionHistogram.LeastWidth);
        return new VideoMotionFeaturizingTransformer(
            env, saved.Output, saved.Input, saved.Count, saved.Height, saved.Width, saved.OnVideoError);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override void Featurize(Func<FrameSampler, VideoFrames> read, Span<float> features)
    {
        var sampler = new FramePairSampler(NumFramePairs);
        VideoFrames frames = read(sampler);
        IReadOnlyList<int> first = sampler.First;
        var matcher = new BlockMatcher(ImageHeight, ImageWidth);
        var histogram = new MotionHistogram(matcher, ImageHeight, ImageWidth);
        var scaler = new GreyScaler(frames.Height, frames.Width, ImageHeight, ImageWidth);
        var displacements = new Vector2[matcher.Rows * matcher.Columns];
        var grey = new float[ImageHeight * ImageWidth];
        (byte[] current, byte[] next) = (new byte[grey.Length], new byte[grey.Length]);
        int ready = -1; // The frame that 'next' has.
        for (int i = 0; i < first.Count; i++)
        {
            if (ready == first[i])
                (current, next) = (next, current);
            else
                Scale(first[i], current);
            ready = first[i] + 1;
            Scale(ready, next);
            matcher.Match(current, next, displacements);
            histogram.Add(displacements, half: 2 * i / first.Count);
        }

        histogram.Write(features);

        void Scale(int frame, byte[] bytes)
        {
            scaler.Scale(frames.Frame(frame), grey);
            for (int p = 0; p < grey.Length; p++)
                bytes[p] = (byte)(grey[p] + 0.5f);
        }
    }
}
