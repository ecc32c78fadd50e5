// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using BenchmarkDotNet.Attributes;
using Microsoft.ML.VideoMae.Processing;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.PerformanceTests;

/// <summary>16 frames of 340x256 to [16, 3, 224, 224]: our processor on one core against the same steps as tensor operations.</summary>
public class ProcessorBenchmarks
{
    private const int Frames = 16;
    private const int Height = 256;
    private const int Width = 340;
    private const int Crop = 224;

    private static readonly double[] s_mean = [0.485, 0.456, 0.406];
    private static readonly double[] s_std = [0.229, 0.224, 0.225];

    private readonly byte[] _pixels = new byte[Frames * Height * Width * 3];
    private readonly float[] _pixelValues = new float[Frames * 3 * Crop * Crop];
    private readonly VideoMaeImageProcessor _processor = new(new VideoMaeImageProcessorOptions { ImageMean = s_mean, ImageStd = s_std });
    private readonly ClipAugmenter _augmenter;
    private readonly ClipAugmenter _recipe;
    private readonly Random _random = new(1);
    private readonly VideoFrames _clip;
    private Tensor? _frames;
    private Tensor? _scaledMean;
    private Tensor? _scaledStd;

    public ProcessorBenchmarks()
    {
        new Random(1).NextBytes(_pixels);
        _clip = new VideoFrames(_pixels, Frames, Height, Width);
        _augmenter = new ClipAugmenter(_processor);
        _recipe = new ClipAugmenter(
            _processor, new ClipAugmenterOptions { RandAugment = "rand-m7-n4-mstd0.5-inc1", ErasingProbability = 0.25 });
    }

    [GlobalSetup]
    public void SetUp()
    {
        set_num_threads(1);
        _frames = tensor(_pixels, [Frames, Height, Width, 3]).permute(0, 3, 1, 2).contiguous();
        _scaledMean = (tensor(s_mean, dtype: float32) * 255).view(1, 3, 1, 1);
        _scaledStd = (tensor(s_std, dtype: float32) * 255).view(1, 3, 1, 1);
    }

    [Benchmark(Baseline = true, Description = "tensor operations (float resize, crop, normalise)")]
    public void Tensors() => Torch(antialias: false, float32);

    [Benchmark(Description = "tensor operations, antialiased")]
    public void AntialiasedTensors() => Torch(antialias: true, float32);

    [Benchmark(Description = "tensor operations on 8 bits, antialiased")]
    public void ByteTensors() => Torch(antialias: true, uint8);

    [Benchmark(Description = "VideoMaeImageProcessor")]
    public float[] Processor()
    {
        _processor.Process(_clip, _pixelValues);
        return _pixelValues;
    }

    [Benchmark(Description = "ClipAugmenter (random resized crop, flip)")]
    public float[] Augmenter()
    {
        _augmenter.Apply(_clip, _random, _pixelValues);
        return _pixelValues;
    }

    [Benchmark(Description = "ClipAugmenter (with RandAugment and erasing)")]
    public float[] WholeRecipe()
    {
        _recipe.Apply(_clip, _random, _pixelValues);
        return _pixelValues;
    }

    // The frames are a contiguous tensor already and the result stays one: no copy in or out is charged to this side.
    private void Torch(bool antialias, ScalarType type)
    {
        using IDisposable scope = NewDisposeScope();
        using var inference = inference_mode();
        (int height, int width) = FrameSize.Shortest(Crop).Resolve(Height, Width);
        Tensor frames = _frames!.to(type); // [T, C, H, W]
        Tensor resized = nn.functional.interpolate(
            frames,
            [height, width],
            mode: InterpolationMode.Bilinear, align_corners: false, antialias: antialias);
        if (type == float32)
            resized = resized.round();
        Tensor cropped = resized.narrow(2, (height - Crop) / 2, Crop).narrow(3, (width - Crop) / 2, Crop);
        cropped.sub(_scaledMean!).div_(_scaledStd!);
    }
}
