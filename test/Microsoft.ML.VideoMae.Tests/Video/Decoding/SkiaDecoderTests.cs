// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;

namespace Microsoft.ML.VideoMae.Tests.Video.Decoding;

[TestClass]
public sealed class SkiaDecoderTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("videomae-skia").FullName;

    [TestCleanup]
    public void DeleteFolder() => Directory.Delete(_folder, true);

    [TestMethod]
    public void Folder_NaturalOrder_EveryImageIsAFrame()
    {
        for (int i = 0; i < 12; i++)
            Save(Image(20, 10, (x, y) => new SKColor((byte)(i * 20), (byte)x, (byte)y)), $"frame{i}.png", SKEncodedImageFormat.Png);
        File.WriteAllText(Path.Combine(_folder, "notes.txt"), "not a frame");
        File.WriteAllText(Path.Combine(_folder, ".frame3.png"), "hidden");

        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFile(_folder));
        Assert.AreEqual((12, 20, 10), (frames.Count, frames.Width, frames.Height));
        for (int i = 0; i < 12; i++)
            CollectionAssert.AreEqual((byte[])[(byte)(i * 20), 7, 3], frames.Frame(i).Slice(((3 * 20) + 7) * 3, 3).ToArray());
        VideoReaderTests.AssertFrames(
            frames,
            [1, 4, 7, 10],
            VideoReader.Default.Read(MLVideo.CreateFromFile(_folder), new UniformFrameSampler(4)), "uniform");
        Assert.AreEqual(12, VideoReader.Default.Probe(MLVideo.CreateFromFile(_folder)).FrameCount);
    }

    [TestMethod]
    public void Folder_Jpeg_IsCloseToWhatWasSaved()
    {
        Save(Image(64, 48, (x, y) => new SKColor((byte)(x * 4), (byte)(y * 5), 100)), "a.JPG", SKEncodedImageFormat.Jpeg);
        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFile(_folder));
        int error = 0;
        for (int y = 0; y < 48; y++)
        {
            for (int x = 0; x < 64; x++)
                error = Math.Max(error, Math.Abs(frames.Pixels.Span[((y * 64) + x) * 3] - (x * 4)));
        }

        Assert.IsTrue(error < 12, $"red is off by up to {error}");
    }

    [TestMethod]
    public void Folder_BrokenOrDifferent_NamesTheImage()
    {
        VideoReadException empty = Assert.ThrowsExactly<VideoReadException>(() =>
            VideoReader.Default.ReadAll(MLVideo.CreateFromFile(_folder)));
        Assert.AreEqual(VideoReadError.Empty, empty.Error);
        Save(Image(8, 8, (_, _) => SKColors.Red), "1.png", SKEncodedImageFormat.Png);
        File.WriteAllText(Path.Combine(_folder, "2.png"), "not an image");
        VideoReadException broken = Assert.ThrowsExactly<VideoReadException>(() =>
            VideoReader.Default.ReadAll(MLVideo.CreateFromFile(_folder)));
        StringAssert.Contains(broken.Message, "the image '2.png' in the folder cannot be decoded");
        File.WriteAllText(Path.Combine(_folder, "2.png"), "");
        broken = Assert.ThrowsExactly<VideoReadException>(() => VideoReader.Default.ReadAll(MLVideo.CreateFromFile(_folder)));
        StringAssert.Contains(broken.Message, "of the image '2.png' in the folder: it has no bytes.");
    }

    [TestMethod]
    public void Folder_PicturesOfTwoSizes_AreScaledToTheFirstInEveryRead()
    {
        for (int i = 0; i < 4; i++)
            Save(
                Image(i == 0 ? 40 : 60, 20, (x, y) => new SKColor((byte)(x * 4), (byte)(y * 9), (byte)(i * 50))), $"{i}.png",
                SKEncodedImageFormat.Png);
        MLVideo video = MLVideo.CreateFromFile(_folder);
        VideoFrames all = VideoReader.Default.ReadAll(video);
        Assert.AreEqual((4, 40, 20), (all.Count, all.Width, all.Height));
        Assert.AreEqual(
            "3 of 4 pictures have another size than the first (40x20): '1.png' is 60x20; all are scaled to that of the first.", all.Notes);
        VideoFrames last = VideoReader.Default.Read(video, [3, 2]);
        VideoReaderTests.AssertFrames(all, [3, 2], last, "without the first");
        Assert.AreEqual("", VideoReader.Default.Read(video, [0]).Notes);
        int red = all.Frame(3)[((10 * 40) + 20) * 3];       // halfway along the row
        Assert.IsTrue(Math.Abs(red - 120) < 8, $"red is {red}");
    }

    [TestMethod]
    public void Folder_Transparent_IsShownOnWhite()
    {
        Save(Image(2, 1, (x, _) => x == 0 ? new SKColor(255, 0, 0, 0) : new SKColor(0, 0, 0, 128)), "1.png", SKEncodedImageFormat.Png);
        CollectionAssert.AreEqual(
            (byte[])[255, 255, 255, 127, 127, 127], VideoReader.Default.ReadAll(MLVideo.CreateFromFile(_folder)).Pixels.ToArray());
    }

    [TestMethod]
    public void WebP_Still_IsAClipOfOneFrame()
    {
        SKBitmap image = Image(31, 17, (x, y) => new SKColor((byte)(x * 8), (byte)(y * 15), 9));
        using SKData data = image.PeekPixels().Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossless, 50))!;
        VideoFrames frames = VideoReader.Default.Read(MLVideo.CreateFromBytes(data.ToArray()), new UniformFrameSampler(3));
        Assert.AreEqual((3, 31, 17), (frames.Count, frames.Width, frames.Height));
        CollectionAssert.AreEqual((byte[])[80, 75, 9], frames.Frame(2).Slice(((5 * 31) + 10) * 3, 3).ToArray());
    }

    [TestMethod]
    public void WebP_Animated_GivesEveryFrameAndItsTime()
    {
        string path = Path.Combine(_folder, "a.webp");
        TestVideos.RunFFmpeg(
            "-f", "lavfi", "-i", "testsrc=size=48x32:rate=10:duration=1.5", "-c:v", "libwebp_anim", "-lossless", "1", "-loop", "0", path);
        if (!File.Exists(path))
            Assert.Inconclusive("This ffmpeg cannot write animated WebP.");
        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFile(path));
        byte[] expected = TestVideos.RunFFmpeg(
            "-f", "lavfi", "-i", "testsrc=size=48x32:rate=10:duration=1.5", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1");
        Assert.AreEqual(15, frames.Count);
        Assert.IsTrue(frames.Pixels.Span.SequenceEqual(expected));
        VideoMetadata metadata = VideoReader.Default.Probe(MLVideo.CreateFromFile(path));
        Assert.AreEqual((15, 10.0, "webp"), (metadata.FrameCount, Math.Round(metadata.FramesPerSecond, 3), metadata.Codec));
        VideoReaderTests.AssertFrames(
            frames,
            [0, 5, 10],
            VideoReader.Default.Read(MLVideo.CreateFromFile(path), new FixedRateFrameSampler(3, 2)), "fixed rate");
    }

    [TestMethod]
    [DataRow(0.3)]
    [DataRow(0.02)]
    public void Gif_Truncated_GivesWhatIsThereOrAnError(double part)
    {
        byte[] bytes = File.ReadAllBytes(TestVideos.File("polka_314x273.gif"));
        MLVideo video = MLVideo.CreateFromBytes(bytes.AsMemory(0, (int)(bytes.Length * part)), "cut.gif");
        VideoFrames all = VideoReader.Default.ReadAll(TestVideos.Video("polka_314x273.gif"));
        try
        {
            VideoFrames frames = VideoReader.Default.ReadAll(video);
            Assert.IsTrue(frames.Count is > 0 and < 30);
            VideoReaderTests.AssertFrames(all, [.. Enumerable.Range(0, frames.Count)], frames, "cut");
        }
        catch (VideoReadException e)
        {
            Assert.AreEqual(VideoReadError.Damaged, e.Error);
            Assert.IsTrue(part < 0.1);
        }
    }

    [TestMethod]
    public void MLImages_BecomeFrames()
    {
        byte[] bgra = [1, 2, 3, 255, 4, 5, 6, 255];
        using MLImage image = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Bgra32, bgra);
        using MLImage other = MLImage.CreateFromPixels(2, 1, MLPixelFormat.Rgba32, bgra);
        VideoFrames frames = VideoReader.Default.ReadAll(MLVideo.CreateFromFrames([image, other]));
        CollectionAssert.AreEqual((byte[])[3, 2, 1, 6, 5, 4, 1, 2, 3, 4, 5, 6], frames.Pixels.ToArray());
        using MLImage wide = MLImage.CreateFromPixels(1, 2, MLPixelFormat.Rgba32, bgra);
        StringAssert.Contains(
            Assert.ThrowsExactly<ArgumentException>(() => MLVideo.CreateFromFrames([image, wide])).Message,
            "Image 1 is 1x2 and image 0 is 2x1");
    }

    private static SKBitmap Image(int width, int height, Func<int, int, SKColor> color)
    {
        var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                bitmap.SetPixel(x, y, color(x, y));
        }

        return bitmap;
    }

    private void Save(SKBitmap bitmap, string name, SKEncodedImageFormat format)
    {
        using SKData data = bitmap.Encode(format, 95);
        File.WriteAllBytes(Path.Combine(_folder, name), data.ToArray());
        bitmap.Dispose();
    }
}
