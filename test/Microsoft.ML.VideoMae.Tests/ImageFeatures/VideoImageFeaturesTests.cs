// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Featurizing;
using Microsoft.ML.VideoMae.ImageFeatures;
using Microsoft.ML.VideoMae.Tests.Featurizing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.ImageFeatures;

[TestClass]
public sealed class VideoImageFeaturesTests
{
    private readonly MLContext _ml = new(1);

    private IDataView Videos => FeaturizedVideos.Animations(_ml);

    private VideoImageFeaturizingEstimator Images(
        int frames = 2, FrameCells cells = FrameCells.None, VideoErrorPolicy onVideoError = VideoErrorPolicy.Throw) =>
        _ml.Transforms.FeaturizeVideoImages(new VideoImageFeaturizingEstimator.Options
        {
            NumFrames = frames,
            Cells = cells,
            OnVideoError = onVideoError,
        });

    /// <summary>ML.NET's own way, an image at a time.</summary>
    private IEstimator<ITransformer> RowByRow => _ml.Transforms.ExtractPixels("Pixels", "Image")
        .Append(_ml.Transforms.DnnFeaturizeImage("Features", m => m.ModelSelector.ResNet18(_ml, m.OutputColumn, m.InputColumn), "Pixels"));

    [TestMethod]
    public void FeaturizeVideoImages_ConformsToMlNet() =>
        EstimatorConformance.Check(_ml, Images(), Videos, TestClips.Load(_ml));

    [TestMethod]
    [DataRow(3, FrameCells.None)]
    [DataRow(3, FrameCells.TwoByTwo, DisplayName = "twelve images, in two batches")]
    public void Numbers_AreThoseOfMlNet(int frames, FrameCells cells)
    {
        MLVideo[] videos =
        [
            MovingTexture.Clip(5, f => MovingTexture.Frame(new(2 * f, f))), MLVideo.CreateFromFile(TestClips.Animation("red", 1)),
        ];
        float[][] expected = FeaturizedVideos.Of(
            _ml, _ml.Transforms.FeaturizeVideoFrames("Features", "Video", RowByRow, frames, cells), videos);
        float[][] actual = FeaturizedVideos.Of(_ml, Images(frames, cells), videos);
        for (int video = 0; video < videos.Length; video++)
        {
            Assert.IsGreaterThan(0.5f, expected[video].Max());
            for (int i = 0; i < expected[video].Length; i++)
                Assert.AreEqual(expected[video][i], actual[video][i], 1e-4f * Math.Max(1, expected[video].Max()));
        }
    }

    [TestMethod]
    public void Column_HasMeanAndChange_ForEachCell()
    {
        foreach ((FrameCells cells, int[] expected) in ((FrameCells, int[])[])
                [(FrameCells.None, [2, 512]), (FrameCells.TwoByTwo, [2, 4, 512])])
            Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, expected),
                Images(cells: cells).Fit(Videos).GetOutputSchema(Videos.Schema)["Features"].Type);
    }

    [TestMethod]
    public void SavedModel_IsSmall_AndThatOfAnyPipelineHoldsIt()
    {
        IDataView data = Videos;
        Assert.IsLessThan(10_000, Saved(Images().Fit(data)).Length);
        using VideoFramesFeaturizingTransformer any = _ml.Transforms.FeaturizeVideoFrames("Features", "Video", RowByRow, 2).Fit(data);
        using MemoryStream saved = Saved(any);
        Assert.IsGreaterThan(50_000_000, saved.Length);
        ITransformer loaded = new MLContext().Model.Load(saved, out _);
        CollectionAssert.AreEqual(
            any.Transform(data).GetColumn<float[]>("Features").First(), loaded.Transform(data).GetColumn<float[]>("Features").First());
        ((IDisposable)loaded).Dispose();

        MemoryStream Saved(ITransformer model)
        {
            var stream = new MemoryStream();
            _ml.Model.Save(model, data.Schema, stream);
            stream.Position = 0;
            return stream;
        }
    }

    [TestMethod]
    public async Task SeveralCursors_ShareOneSession()
    {
        IDataView first = Images().Fit(Videos).Transform(Videos), second = Images().Fit(Videos).Transform(Videos);
        float[][] expected = [.. first.GetColumn<float[]>("Features")];
        ResNet18 network = ResNet18.Shared(Host);
        Task<float[][]>[] readers = [.. new[] { first, second, first }
            .Select(data => Task.Run<float[][]>(() => [.. data.GetColumn<float[]>("Features")]))];
        foreach (float[][] actual in await Task.WhenAll(readers))
        {
            for (int row = 0; row < expected.Length; row++)
                CollectionAssert.AreEqual(expected[row], actual[row]);
        }

        Assert.AreSame(network, ResNet18.Shared(Host));
    }

    [TestMethod]
    public void MissingNetwork_IsNamed()
    {
        string folder = TestClips.NewFolder();
        string message = Assert.Throws<InvalidOperationException>(() => NetworkFiles.Find(Host, [folder])).Message;
        Directory.Delete(folder);
        Assert.Contains(Path.Combine(folder, "DnnImageModels", "ResNet18Onnx", "ResNet18.onnx"), message);
        Assert.Contains("Microsoft.ML.VideoMae.ImageFeatures", message);
    }

    [TestMethod]
    public void AnotherNetwork_IsRefused()
    {
        string folder = TestClips.NewFolder();
        NetworkFiles real = NetworkFiles.Find(Host);
        foreach (string file in (string[])[real.Network, real.Preprocessing])
        {
            string other = Path.Combine(folder, Path.GetRelativePath(AppContext.BaseDirectory, file));
            Directory.CreateDirectory(Path.GetDirectoryName(other)!);
            File.WriteAllText(other, "another network");
        }

        string message = Assert.Throws<FormatException>(() => NetworkFiles.Find(Host, [folder]).CheckHash(Host, real.Hash)).Message;
        Directory.Delete(folder, recursive: true);
        Assert.Contains("Microsoft.ML.DnnImageFeaturizer.ResNet18", message);
        Assert.Contains(real.Hash[..16], message);
    }

    [TestMethod]
    public void Engine_GivesTheSameNumbers() => FeaturizedVideos.CheckEngine(_ml, Images());

    [TestMethod]
    public void Skip_GivesNoNumbers_ThrowNamesTheVideo() =>
        FeaturizedVideos.CheckErrors(_ml, policy => Images(onVideoError: policy));

    [TestMethod]
    public void WrongOptions_AreListed()
    {
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => Images(frames: 0, cells: (FrameCells)7)).Message;
        Assert.Contains("NumFrames is 0", message);
        Assert.Contains("Cells is 7", message);
    }

    private IHost Host => ((IHostEnvironment)_ml).Register("Test");
}
