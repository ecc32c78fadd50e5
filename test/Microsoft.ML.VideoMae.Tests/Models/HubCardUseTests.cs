// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Models;

/// <summary>The card of a saved model shows Python's transformers where that loads the model, and an ONNX file where it cannot.</summary>
[TestClass]
public sealed partial class HubCardUseTests
{
    private static readonly VideoMaeConfig s_differing = TestClips.Config with { UseMeanFrameDifference = true };

    [TestMethod]
    [DataRow("classifier", "probabilities")]
    [DataRow("cells", "probabilities")]
    [DataRow("attentive", "probabilities")]
    [DataRow("encoder", "features")]
    [DataRow("pre-trained", "features")]
    public void Card_OfWhatPythonCannotLoad_ShowsAnOnnxFileThatRuns(string kind, string output)
    {
        using TemporaryFolder folder = new();
        using VideoMaePreTrainedModel model = kind switch
        {
            "classifier" => new VideoMaeForVideoClassification(s_differing, new Generator(1)),
            "cells" => new VideoMaeForVideoClassification(TestClips.Config with { UseCellPooling = true }, new Generator(1)),
            "attentive" => new VideoMaeForVideoClassification(TestClips.Config with { UseAttentivePooling = true }, new Generator(1)),
            "encoder" => new VideoMaeModel(s_differing, new Generator(1)),
            _ => new VideoMaeForPreTraining(s_differing, new Generator(1)),
        };
        model.eval();
        string text = CardOf(model, folder.File("mine"));
        Assert.Contains("cannot load", text);
        Assert.DoesNotContain("from transformers", text);
        Assert.DoesNotContain("from_pretrained", text);
        Assert.StartsWith("---\nlibrary_name: Microsoft.ML.VideoMae\n", text);
        Assert.Contains(kind == "cells" || kind == "attentive" ? "has no such head" : "what differs from the mean frame of the clip", text);
        Assert.Contains(kind is "encoder" ? "VideoMaeFeatures(\"Features\", \"Video\", \"mine\")" : "\"mine\"", text);

        Match command = Command().Match(text), code = Code().Match(text);
        Assert.IsTrue(command.Success && code.Success, text);
        string file = folder.File("model.onnx");
        model.SaveOnnx(file, new OnnxExportOptions
        {
            Input = Enum.Parse<OnnxInput>(command.Groups["input"].Value),
            Output = command.Groups["output"].Success ? Enum.Parse<OnnxOutput>(command.Groups["output"].Value) : OnnxOutput.Own,
        });
        Assert.AreEqual(output, code.Groups["output"].Value);
        int[] shape = [.. code.Groups["shape"].Value.Split(", ").Select(int.Parse)];
        using var session = new InferenceSession(file);
        using var results = session.Run(
            [NamedOnnxValue.CreateFromTensor(code.Groups["input"].Value, new DenseTensor<byte>(shape))], [code.Groups["output"].Value]);
        Assert.IsTrue(results[0].AsEnumerable<float>().All(float.IsFinite));
    }

    /// <summary>Numbers have no folder that the tool converts, so that the card names the trainer's .zip.</summary>
    [TestMethod]
    public void Card_OfNumbers_NamesTheZip()
    {
        using TemporaryFolder folder = new();
        using var model = new VideoMaeForVideoClassification(s_differing with { NumLabels = 1 }, new Generator(1));
        string text = CardOf(model, folder.File("mine"));
        Assert.Contains("videomae convert \"mine.zip\"", text);
        Assert.Contains("session.run([\"logits\"]", text);
    }

    /// <summary>All weights of these load, also where the numbers are others there.</summary>
    [TestMethod]
    public void Card_OfWhatPythonLoads_ShowsTransformers()
    {
        VideoMaeConfig plain = TestClips.Config;
        VideoMaeConfig normed = plain with { UseMeanPooling = false, UseNormedMeanPooling = true };
        foreach (VideoMaePreTrainedModel model in (VideoMaePreTrainedModel[])
            [
                new VideoMaeForVideoClassification(plain), new VideoMaeForVideoClassification(normed),
                new VideoMaeModel(plain with { UseCellPooling = true }), new VideoMaeForPreTraining(plain),
            ])
        {
            using TemporaryFolder folder = new();
            using (model)
            {
                string text = CardOf(model, folder.File("mine"));
                Assert.Contains("from transformers import", text);
                Assert.DoesNotContain("onnx", text);
                Assert.StartsWith("---\nlibrary_name: transformers\n", text);
            }
        }
    }

    private static string CardOf(VideoMaePreTrainedModel model, string folder)
    {
        model.SavePretrained(folder);
        return File.ReadAllText(Path.Combine(folder, "README.md"));
    }

    [GeneratedRegex("""videomae convert "mine" --output model\.onnx --onnx-input (?<input>\w+)( --onnx-output (?<output>\w+))?\n""")]
    private static partial Regex Command();

    [GeneratedRegex("""\(\((?<shape>[0-9, ]+)\), numpy\.uint8\).*\nprint\(session\.run\(\["(?<output>\w+)"\], \{"(?<input>\w+)": frames\}""")]
    private static partial Regex Code();
}
