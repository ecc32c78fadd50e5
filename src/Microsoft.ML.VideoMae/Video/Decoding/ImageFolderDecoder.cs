// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>
/// A folder of JPEG or PNG images as a clip: the frames in natural order of their names. Only the wanted images are opened.
/// </summary>
internal sealed class ImageFolderDecoder : IVideoDecoder
{
    private static readonly string[] s_extensions = [".jpg", ".jpeg", ".png"];

    public bool CanDecode(MLVideo video) => video.Path is not null && Directory.Exists(video.Path);

    public VideoMetadata Probe(MLVideo video, VideoReadOptions options, CancellationToken cancellationToken)
    {
        string[] images = Images(video);
        using SKCodec codec = Open(video, images[0], options);
        (int width, int height) = SkiaImage.OutputSize(codec, options);
        string format = codec.EncodedFormat.ToString().ToLowerInvariant();
        return new VideoMetadata { FrameCount = images.Length, Width = width, Height = height, Codec = format, Container = "folder" };
    }

    public VideoFrames Decode(MLVideo video, FrameRequest request, VideoReadOptions options, CancellationToken cancellationToken)
    {
        string[] images = Images(video);
        int[] wanted = request.Choose(new FrameTimeline(images.Length));
        FrameLimits.CheckIndices(video, wanted, images.Length);
        var assembler = new FrameAssembler(video, wanted, options, request.Memory);

        // The first picture of the folder gives the size, read or not: so every read gives the same frames.
        (int Width, int Height) size = Size(video, images[0], options);
        var scaled = new List<string>();
        while (!assembler.IsComplete)
        {
            cancellationToken.ThrowIfCancellationRequested();
            string image = images[assembler.NextFrame];
            (int width, int height) = DecodeImage(video, image, size, assembler, options);
            if ((width, height) != size)
                scaled.Add($"'{Path.GetFileName(image)}' is {width}x{height}");
            assembler.Complete();
        }

        return assembler.ToFrames(scaled.Count == 0 ? "" : $"{scaled.Count} of {assembler.Distinct.Length} pictures have another size "
            + $"than the first ({size.Width}x{size.Height}): {scaled[0]}; all are scaled to that of the first.");
    }

    /// <summary>Decodes a picture into a frame of the clip's size.</summary>
    /// <returns>The size that the picture itself would have.</returns>
    private static (int Width, int Height) DecodeImage(
        MLVideo video, string path, (int Width, int Height) size, FrameAssembler assembler, VideoReadOptions options)
    {
        using SKCodec codec = Open(video, path, options);
        using var bitmap = new SKBitmap(SkiaImage.Info(codec.Info.Width, codec.Info.Height));
        if (codec.GetPixels(bitmap.Info, bitmap.GetPixels()) != SKCodecResult.Success)
            throw Bad(video, path);
        SkiaImage.Write(bitmap, codec, options, size.Width, size.Height, assembler.Begin(size.Width, size.Height));
        return SkiaImage.OutputSize(codec, options);
    }

    private static (int Width, int Height) Size(MLVideo video, string path, VideoReadOptions options)
    {
        using SKCodec codec = Open(video, path, options);
        return SkiaImage.OutputSize(codec, options);
    }

    private static SKCodec Open(MLVideo video, string path, VideoReadOptions options)
    {
        // SkiaSharp opens whatever there is, and to open a named pipe would wait for ever.
        if (RegularFile.Of(path).Problem is string problem)
        {
            throw new VideoReadException(video.Name, VideoReadError.Damaged,
                $"of the image '{Path.GetFileName(path)}' in the folder: {problem} Replace it, or remove it if the clip can do without.");
        }

        using SKData? data = SKData.Create(path);
        SKCodec codec = (data is null ? null : SKCodec.Create(data)) ?? throw Bad(video, path);
        FrameLimits.CheckFrame(video, codec.Info.Width, codec.Info.Height, options);
        return codec;
    }

    private static string[] Images(MLVideo video)
    {
        IEnumerable<string> images = Directory.EnumerateFiles(video.Path!)
            .Where(path => s_extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)
                && !Path.GetFileName(path).StartsWith('.'));
        string[] sorted = [.. images.Order(NaturalOrder.Instance)];
        return sorted.Length > 0 ? sorted : throw new VideoReadException(video.Name, VideoReadError.Empty,
            $"it is a folder without images; a folder is read as a clip if it holds {string.Join(", ", s_extensions)} files. Name a " +
            "video file, or put the frames there.");
    }

    private static VideoReadException Bad(MLVideo video, string path) => new(video.Name, VideoReadError.Damaged,
        $"the image '{Path.GetFileName(path)}' in the folder cannot be decoded. Replace it, or remove it if the clip can do without.");
}
