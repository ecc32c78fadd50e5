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
using Microsoft.ML.VideoMae.Processing;

[assembly: LoadableClass(typeof(VideoPixelExtractingTransformer), null, typeof(SignatureLoadModel),
    VideoPixelExtractingTransformer.UserName, VideoPixelExtractingTransformer.LoaderSignature)]

[assembly: LoadableClass(typeof(IRowMapper), typeof(VideoPixelExtractingTransformer), null, typeof(SignatureLoadRowMapper),
    VideoPixelExtractingTransformer.UserName, VideoPixelExtractingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoPixelExtractingEstimator"/>.</summary>
public sealed class VideoPixelExtractingTransformer : VideoFeaturizingTransformer
{
    internal const string UserName = "Video Pixel Extractor";
    internal const string LoaderSignature = "VideoPixelExtractor";

    private readonly VideoMaeImageProcessor _processor;

    internal VideoPixelExtractingTransformer(
        IHostEnvironment env, VideoColumns columns, VideoMaeImageProcessor processor, FrameSampler sampler)
        : base(env, nameof(VideoPixelExtractingTransformer), columns, Dimensions(processor, sampler)) =>
        (Sampler, _processor) = (sampler, processor);

    /// <summary>Which frames make a clip.</summary>
    public FrameSampler Sampler { get; }

    private protected override VersionInfo Version => GetVersionInfo();

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDPIXEX",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoPixelExtractingTransformer).Assembly.FullName);

    private protected override void SaveSettings(ModelSaveContext ctx)
    {
        // int: id of the processor's settings (preprocessor_config.json)
        // int: id of the frame sampling
        ctx.SaveNonEmptyString(_processor.ToJson());
        ctx.SaveNonEmptyString(Sampler.ToString());
    }

    // Factory method for SignatureLoadModel.
    private static VideoPixelExtractingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        VideoColumns columns = Load(env, ctx, GetVersionInfo(), () =>
        {
            VideoMaeImageProcessor processor = VideoMaeImageProcessor.FromJson(ctx.LoadNonEmptyString());
            env.CheckDecode(processor.FixedOutputSize is not null);
            return (processor, FrameSampler.Parse(ctx.LoadNonEmptyString()));
        }, out (VideoMaeImageProcessor Processor, FrameSampler Sampler) settings);
        return new VideoPixelExtractingTransformer(env, columns, settings.Processor, settings.Sampler);
    }

    // Factory method for SignatureLoadRowMapper.
    private static IRowMapper Create(IHostEnvironment env, ModelLoadContext ctx, DataViewSchema inputSchema) =>
        Create(env, ctx).MakeRowMapper(inputSchema);

    private static int[] Dimensions(VideoMaeImageProcessor processor, FrameSampler sampler)
    {
        (int height, int width) = processor.FixedOutputSize!.Value;
        return [sampler.NumFrames, VideoFrames.Channels, height, width];
    }

    private protected override FrameRequest Wanted() => FrameRequest.ForSampler(Sampler, random: null);

    private protected override VideoDescriber Start() => new Describer(this);

    private sealed class Describer(VideoPixelExtractingTransformer parent) : VideoDescriber
    {
        public override void Describe(Func<FrameSampler, VideoFrames> read, Span<float> features) =>
            parent._processor.Process(read(parent.Sampler), features);
    }
}
