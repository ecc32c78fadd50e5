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

    private readonly GreyFrames _frames;

    internal VideoMotionFeaturizingTransformer(IHostEnvironment env, VideoColumns columns, GreyFrames frames)
        : base(env, nameof(VideoMotionFeaturizingTransformer), columns, [MotionHistogram.Length], frames.MaxShortSide) => _frames = frames;

    /// <summary>The largest number of pairs of consecutive frames that are looked at.</summary>
    public int NumFramePairs => _frames.Count;

    /// <summary>The height of the frames that features are made of, in pixels.</summary>
    public int ImageHeight => _frames.Height;

    /// <summary>The width of the frames that features are made of, in pixels.</summary>
    public int ImageWidth => _frames.Width;

    private protected override VersionInfo Version => GetVersionInfo();

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDMOTFE",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoMotionFeaturizingTransformer).Assembly.FullName);

    private protected override void SaveSettings(ModelSaveContext ctx) => _frames.Save(ctx);

    // Factory method for SignatureLoadModel.
    private static VideoMotionFeaturizingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoColumns columns = Load(env, ctx, GetVersionInfo(),
            () => GreyFrames.Read(env, ctx, MotionHistogram.LeastHeight, MotionHistogram.LeastWidth), out GreyFrames frames);
        return new VideoMotionFeaturizingTransformer(env, columns, frames);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private protected override VideoDescriber Start() => new Describer(_frames);

    /// <summary>Histograms of what moves where.</summary>
    private sealed class Describer(GreyFrames wanted) : VideoDescriber
    {
        public override void Describe(Func<FrameSampler, VideoFrames> read, Span<float> features)
        {
            var sampler = new FramePairSampler(wanted.Count);
            VideoFrames frames = read(sampler);
            IReadOnlyList<int> first = sampler.First;
            var matcher = new BlockMatcher(wanted.Height, wanted.Width);
            var histogram = new MotionHistogram(matcher, wanted.Height, wanted.Width);
            var scaler = new AreaScaler(frames.Height, frames.Width, wanted.Height, wanted.Width);
            var displacements = new Vector2[matcher.Rows * matcher.Columns];
            var grey = new float[wanted.Height * wanted.Width];
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
                scaler.ScaleToGrey(frames.Frame(frame), grey);
                for (int p = 0; p < grey.Length; p++)
                    bytes[p] = (byte)(grey[p] + 0.5f);
            }
        }
    }
}
