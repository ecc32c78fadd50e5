// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Featurizing;

[TestClass]
public sealed class VideoFramesFeaturesTests
{
    private const int Side = 8;

    private readonly MLContext _ml = new(1);

    /// <summary>Red, green and blue of every pixel, scaled by area.</summary>
    private IEstimator<ITransformer> Pixels => _ml.Transforms.ExtractPixels("Features", "Image");

    private VideoFramesFeaturizingEstimator Frames(
        IEstimator<ITransformer> images, Action<VideoFramesFeaturizingEstimator.Options>? set = null)
    {
        var options = new VideoFramesFeaturizingEstimator.Options { NumFrames = 3, ImageHeight = Side, ImageWidth = Side };
        set?.Invoke(options);
        return _ml.Transforms.FeaturizeVideoFrames(images, options);
    }

    /// <summary>A clip whose frames have one colour each.</summary>
    private static MLVideo Colours(params byte[][] colours) => MLVideo.CreateFromFrames(new VideoFrames(
        colours.SelectMany(c => Enumerable.Repeat(c, 12 * 20).SelectMany(p => p)).ToArray(), colours.Length, 12, 20));

    [TestMethod]
    public void FeaturizeVideoFrames_ConformsToMlNet() => EstimatorConformance.Check(
        _ml, Frames(Pixels), FeaturizedVideos.Animations(_ml), TestClips.Load(_ml));

    [TestMethod]
    public void FeaturizeVideoFrames_WithAPipelineThatLearns_ConformsToMlNet() => EstimatorConformance.Check(_ml,
        Frames(Pixels.Append(_ml.Transforms.NormalizeMeanVariance("Features"))
            .Append(_ml.Transforms.ProjectToPrincipalComponents("Features", rank: 3))),
        FeaturizedVideos.Animations(_ml), TestClips.Load(_ml));

    [TestMethod]
    public void MeanAndChange_AreThoseOfTheImages()
    {
        float[] features = FeaturizedVideos.Of(_ml, Frames(Pixels), Colours([10, 20, 30], [40, 20, 0], [10, 80, 60])).Single();
        float[] means = [20, 40, 30], changes = [30, 30, 45];
        const int Plane = Side * Side;
        Assert.HasCount(2 * 3 * Plane, features);
        for (int i = 0; i < 3 * Plane; i++)
        {
            Assert.AreEqual(means[i / Plane], features[i], 1e-4f);
            Assert.AreEqual(changes[i / Plane], features[(3 * Plane) + i], 1e-4f);
        }
    }

    [TestMethod]
    [DataRow(12, 20)]
    [DataRow(13, 21)]
    public void Cells_AreTheQuartersOfAFrame(int height, int width)
    {
        var pixels = new byte[height * width * 3];
        for (int i = 0; i < height * width; i++)
        {
            (int y, int x) = (i / width, i % width);
            bool isMiddle = y == height / 2 && height % 2 == 1 || x == width / 2 && width % 2 == 1;
            pixels[3 * i] = (byte)(isMiddle ? 0 : 100 + (100 * (y * 2 / height)) + (10 * (x * 2 / width)));
        }

        var cutter = new FrameCutter(new FrameImages(1, FrameCells.TwoByTwo, 0, 0), height, width);
        Assert.AreEqual(((height + 1) / 2, (width + 1) / 2), (cutter.Height, cutter.Width));
        for (int cell = 0; cell < 4; cell++)
        {
            byte[] reds = [.. cutter.Cut(pixels, cell).ToArray().Where((_, i) => i % 3 == 0).Where(r => r > 0).Distinct()];
            Assert.AreEqual(100 + (100 * (cell / 2)) + (10 * (cell % 2)), reds.Single());
        }
    }

    [TestMethod]
    public void Column_HasMeanAndChange_ForEachCell()
    {
        IDataView videos = FeaturizedVideos.Animations(_ml);
        foreach ((FrameCells cells, int[] expected) in ((FrameCells, int[])[])
                [(FrameCells.None, [2, 192]), (FrameCells.TwoByTwo, [2, 4, 192])])
            Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, expected),
                Frames(Pixels, o => o.Cells = cells).Fit(videos).GetOutputSchema(videos.Schema)["Features"].Type);
    }

    [TestMethod]
    public void Frames_OfTheirOwnSize_AreScaledByThePipeline()
    {
        IEstimator<ITransformer> scaled = _ml.Transforms.ResizeImages("Picture", 6, 4, "Picture")
            .Append(_ml.Transforms.ExtractPixels("Numbers", "Picture"));
        float[] features = FeaturizedVideos.Of(_ml, Frames(scaled, o =>
        {
            (o.ImageHeight, o.ImageWidth) = (null, null);
            (o.ImageColumnName, o.ImageFeaturesColumnName) = ("Picture", "Numbers");
        }), Colours([10, 20, 30])).Single();
        Assert.HasCount(2 * 3 * 24, features);
        Assert.AreEqual(20, features[24], 1e-4f);
        Assert.AreEqual(0, features[3 * 24], 1e-4f);
    }

    [TestMethod]
    public void APipelineThatLearnsNothing_ReadsNoVideo()
    {
        var absent = MLVideo.CreateFromFile(Path.Combine(Path.GetTempPath(), "absent.mp4"));
        IDataView data = _ml.Data.LoadFromEnumerable([new FeaturizedVideos.Row { Video = absent }]);
        Frames(Pixels).Fit(data).Dispose();
        Exception error = Assert.Throws<Exception>(
            () => Frames(Pixels.Append(_ml.Transforms.NormalizeMeanVariance("Features"))).Fit(data));
        Assert.Contains("absent.mp4", error.ToString());
    }

    [TestMethod]
    public void SkippedVideos_AreLeftOutOfFitting()
    {
        var absent = MLVideo.CreateFromFile(Path.Combine(Path.GetTempPath(), "absent.mp4"));
        MLVideo[] videos = [absent, Colours([0, 0, 0], [200, 100, 0], [100, 50, 0])];
        float[][] features = FeaturizedVideos.Of(
            _ml, Frames(Pixels.Append(_ml.Transforms.NormalizeMinMax("Features")), o => o.OnVideoError = VideoErrorPolicy.Skip), videos);
        Assert.IsTrue(features[0].All(float.IsNaN));
        Assert.AreEqual(0.5f, features[1][0], 1e-4f); // The mean of 0, 1 and a half.
    }

    [TestMethod]
    public async Task SeveralCursors_ReadAtOnce()
    {
        IDataView videos = FeaturizedVideos.Animations(_ml);
        IDataView described = Frames(Pixels).Fit(videos).Transform(videos);
        float[][] expected = [.. described.GetColumn<float[]>("Features")];
        Task<float[][]>[] readers =
            [.. Enumerable.Range(0, 4).Select(_ => Task.Run<float[][]>(() => [.. described.GetColumn<float[]>("Features")]))];
        foreach (float[][] actual in await Task.WhenAll(readers))
        {
            for (int row = 0; row < expected.Length; row++)
                CollectionAssert.AreEqual(expected[row], actual[row]);
        }
    }

    [TestMethod]
    public void Engine_GivesTheSameNumbers() => FeaturizedVideos.CheckEngine(_ml, Frames(Pixels));

    [TestMethod]
    public void Skip_GivesNoNumbers_ThrowNamesTheVideo() =>
        FeaturizedVideos.CheckErrors(_ml, policy => Frames(Pixels, o => o.OnVideoError = policy));

    [TestMethod]
    public void WrongOptions_AreListed()
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => Frames(Pixels, o =>
        {
            (o.NumFrames, o.ImageHeight, o.ImageWidth) = (0, 2000, null);
            (o.Cells, o.ImageColumnName) = ((FrameCells)7, "");
        })).Message;
        foreach (string part in (string[])
                ["NumFrames is 0", "ImageHeight is 2000", "null if ImageWidth is", "Cells is 7", "ImageColumnName"])
            Assert.Contains(part, message);
    }

    [TestMethod]
    public void WrongPipelines_AreRefused()
    {
        Assert.Contains("makes no column of that name", Refused(_ml.Transforms.ExtractPixels("Other", "Image")));
        Assert.Contains("that column is Image", Refused(_ml.Transforms.ConvertToGrayscale("Features", "Image")));
        Assert.Contains("only column is 'Image'", Refused(_ml.Transforms.ExtractPixels("Features", "Picture")));

        string Refused(IEstimator<ITransformer> pipeline) => Assert.Throws<Exception>(() => Frames(pipeline)).Message;
    }
}
