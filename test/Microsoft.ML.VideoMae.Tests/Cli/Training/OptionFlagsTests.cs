// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.CommandLine;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using VideoMaeCli.Training;
using VideoMaeCli.Verbs;

namespace Microsoft.ML.VideoMae.Tests.Cli.Training;

/// <summary>The flags of the verbs that train are the trainer's options.</summary>
[TestClass]
public sealed class OptionFlagsTests
{
    [TestMethod]
    public void EveryFlagOfBefore_SetsItsOption()
    {
        VideoMaeTrainer.Options options = Parse<VideoMaeTrainer.Options>(
            "--pretrained-model", "m.zip", "--fine-tuning", "LastBlocks", "--epochs", "7", "--batch-size", "3", "--learning-rate", "0.002",
            "--patience", "4", "--rand-augment", "rand-m7-n2", "--resizing", "Fill", "--precision", "BFloat16",
            "--activation-checkpointing");
        Assert.AreEqual(
            ("m.zip", FineTuningMode.LastBlocks, 7, 3, 0.002f, 4), (
                options.PretrainedModel, options.FineTuning, options.NumberOfEpochs, options.BatchSize, options.LearningRate,
                options.EarlyStoppingPatience));
        Assert.AreEqual(("rand-m7-n2", FrameResizing.Fill, ComputePrecision.BFloat16, true),
            (options.RandAugment, options.Resizing, options.Precision, options.ActivationCheckpointing));
    }

    [TestMethod]
    public void EveryFlagOfPretraining_SetsItsOption()
    {
        VideoMaePretrainingEstimator.Options options = Parse<VideoMaePretrainingEstimator.Options>(
            "--pretrained-model", "m.zip", "--epochs", "7", "--batch-size", "3", "--mask-ratio", "0.75", "--learning-rate", "0.002",
            "--resizing", "Fill", "--precision", "Auto", "--activation-checkpointing");
        Assert.AreEqual(("m.zip", 7, 3, 0.75f, 0.002f),
            (options.PretrainedModel, options.NumberOfEpochs, options.BatchSize, options.MaskRatio, options.LearningRate));
        Assert.AreEqual(
            (FrameResizing.Fill, ComputePrecision.Auto, true), (options.Resizing, options.Precision, options.ActivationCheckpointing));
    }

    [TestMethod]
    public void WithoutFlags_EverythingIsAsTheTrainerHasIt()
    {
        VideoMaeTrainer.Options options = Parse<VideoMaeTrainer.Options>();
        foreach (VideoMaeOption option in VideoMaeOption.Of<VideoMaeTrainer.Options>())
            Assert.AreEqual(option.DefaultValue, option.GetValue(options), option.Name);
    }

    [TestMethod]
    [DataRow("train", "--epochs", "Passes over the videos. Without it 60, and from the weights of " +
        "Microsoft.ML.VideoMae.Weights as many as make 900 steps.")]
    [DataRow("train", "--fine-tuning", "What is trained.")]
    [DataRow("pretrain", "--epochs", "Passes over the videos; 200 if not given.")]
    [DataRow("pretrain", "--mask-ratio", "The share of patches hidden; 0.9 if not given.")]
    public void Help_IsTheTablesOwn(string verb, string flag, string expected)
    {
        System.CommandLine.Command command = verb == "train" ? TrainVerb.Create() : PretrainVerb.Create();
        Assert.AreEqual(expected, command.Options.Single(option => option.Name == flag).Description);
    }

    [TestMethod]
    public void GivenValues_WinOverThoseOfAFile_AndDefaultsAreNoDifference()
    {
        OptionValues file = OptionValues.None.With("NumberOfEpochs", 7).With("LearningRate", 0.1f),
            given = OptionValues.None.With("NumberOfEpochs", 8);
        VideoMaeTrainer.Options options = file.With(given).ApplyTo(new VideoMaeTrainer.Options());
        Assert.AreEqual((8, 0.1f), (options.NumberOfEpochs, options.LearningRate));
        Assert.AreNotEqual(file, file.With(given));
        Assert.AreEqual(OptionValues.None, OptionValues.None.With("BatchSize", 16));
    }

    private static T Parse<T>(params string[] arguments)
        where T : VideoMaeTrainingOptions, new()
    {
        var flags = new OptionFlags(VideoMaeOption.Of<T>());
        var command = new RootCommand();
        flags.AddTo(command);
        ParseResult result = command.Parse(arguments);
        Assert.IsEmpty(result.Errors, string.Join(" ", result.Errors.Select(e => e.Message)));
        return flags.Read(result).ApplyTo(new T());
    }
}
