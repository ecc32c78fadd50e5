// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>
/// What is at the ends of the longer side of a frame counts with <see cref="FrameResizing.Fill"/>, and with nothing else.
/// </summary>
[TestClass]
public sealed class FrameResizingTests
{
    private const int Height = 24, Width = 48;

    private readonly MLContext _ml = new(1);

    [TestMethod]
    [DataRow(null, false)]
    [DataRow(FrameResizing.IsoCrop, false)]
    [DataRow(FrameResizing.Fill, true)]
    public void Classifier_SeesTheEdge_OnlyWithFill(FrameResizing? resizing, bool sees)
    {
        using var model = Train(TestClips.Options(1), resizing);
        Assert.AreEqual(sees, SeesTheEdge(model));

        string zip = Path.Combine(TestClips.NewFolder(), "model.zip"), folder = Path.Combine(TestClips.NewFolder(), "model");
        _ml.Model.Save(model, null, zip);
        model.SavePretrained(folder);
        using (VideoMaeClassificationTransformer loaded = _ml.Model.LoadVideoMae(zip))
            Assert.AreEqual(sees, SeesTheEdge(loaded), "from the .zip");
        using (VideoMaeClassificationTransformer loaded = _ml.Model.LoadVideoMae(folder))
            Assert.AreEqual(sees, SeesTheEdge(loaded), "from the folder");

        VideoMaeTrainer.Options options = TestClips.Options(1);
        (options.Config, options.PretrainedModel) = (null, zip);
        using VideoMaeClassificationTransformer next = Train(options, null);
        Assert.AreEqual(sees, SeesTheEdge(next), "trained on");
    }

    [TestMethod]
    [DataRow(FrameResizing.IsoCrop, false)]
    [DataRow(FrameResizing.Fill, true)]
    public void Pretraining_SeesTheEdge_OnlyWithFill(FrameResizing resizing, bool sees)
    {
        using VideoMaePretrainedTransformer model = _ml.Transforms.PretrainVideoMae(new VideoMaePretrainingEstimator.Options
        {
            Config = TestClips.Config,
            NumberOfEpochs = 1,
            MaskRatio = 0.5f,
            Resizing = resizing,
            Seed = 1,
        }).Fit(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
        float[][] features = [.. model.Transform(Edges()).GetColumn<float[]>("Features")];
        Assert.AreEqual(sees, !features[0].SequenceEqual(features[1]));
    }

    [TestMethod]
    public void Folder_ThatStretches_IsTakenAtItsWord()
    {
        string folder = TestClips.NewFolder();
        foreach (string file in Directory.GetFiles(ReferenceFiles.Path("tiny/classification")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        VideoMaeImageProcessor published = VideoMaeImageProcessor.FromPretrained(folder);
        new VideoMaeImageProcessor(published.Options with { DoCenterCrop = false, Size = FrameSize.Exact(32, 32) }).SavePretrained(folder);
        using VideoMaeClassificationTransformer model = _ml.Model.LoadVideoMae(folder);
        Assert.IsTrue(SeesTheEdge(model));
        string message = Assert.Throws<ArgumentException>(() => _ml.Model.LoadVideoMae(folder, numberOfTestCrops: 3)).Message;
        StringAssert.Contains(message, "3 test crops were asked for, but this model sees the whole frame");
    }

    [TestMethod]
    public void Pixels_AreThoseOfTheWholeFrame()
    {
        IDataView rows = _ml.Transforms.ExtractVideoPixels(new VideoPixelExtractingEstimator.Options
        {
            NumFrames = 4,
            ImageHeight = 16,
            ImageWidth = 16,
            Resizing = FrameResizing.Fill,
        }).Fit(Edges()).Transform(Edges());
        var processor = new VideoMaeImageProcessor(new VideoMaeImageProcessorOptions
        {
            Size = FrameSize.Exact(16, 16),
            DoCenterCrop = false,
            ImageMean = [0.485, 0.456, 0.406],
            ImageStd = [0.229, 0.224, 0.225],
        });
        CollectionAssert.AreEqual(processor.Process(Edge(white: true)), rows.GetColumn<float[]>("Pixels").Last());
    }

    [TestMethod]
    public void ThreeCrops_OfTheWholeFrame_AreRefused()
    {
        VideoMaeTrainer.Options options = TestClips.Options(1);
        options.NumberOfTestCrops = 3;
        string message = Assert.Throws<ArgumentException>(() => Train(options, FrameResizing.Fill)).Message;
        StringAssert.Contains(message, "NumberOfTestCrops");
        StringAssert.Contains(message, "Fill");
    }

    private VideoMaeClassificationTransformer Train(VideoMaeTrainer.Options options, FrameResizing? resizing)
    {
        options.Resizing = resizing;
        return (VideoMaeClassificationTransformer)_ml.MulticlassClassification.Trainers.VideoMae(options)
            .Fit(VideoMaeTrainerTests.Prepare(_ml, TestClips.Load(_ml)));
    }

    private static bool SeesTheEdge(VideoMaeClassificationTransformer model)
    {
        float[][] scores =
        [
            .. new[] { false, true }.Select(white =>
                model.Predict(MLVideo.CreateFromFrames(Edge(white))).OrderBy(p => p.Key).Select(p => p.Value).ToArray())];
        return !scores[0].SequenceEqual(scores[1]);
    }

    private IDataView Edges() =>
        _ml.Data.LoadFromEnumerable(new[] { false, true }.Select(white => new Row { Video = MLVideo.CreateFromFrames(Edge(white)) }));

    /// <summary>Grey, but for a sixth of the width on the left that is black or white.</summary>
    private static VideoFrames Edge(bool white)
    {
        var pixels = new byte[4 * Height * Width * VideoFrames.Channels];
        int row = Width * VideoFrames.Channels;
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i % row >= row / 6 ? 128 : white ? 255 : 0);
        return new VideoFrames(pixels, 4, Height, Width);
    }

    private sealed class Row
    {
        [VideoType]
        public MLVideo Video { get; set; } = null!;
    }
}
