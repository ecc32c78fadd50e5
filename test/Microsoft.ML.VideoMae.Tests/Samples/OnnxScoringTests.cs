// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Samples;

[TestClass]
public sealed class OnnxScoringTests
{
    [TestMethod]
    public void ApplyOnnxModel_GivesTheTransformersScores()
    {
        var ml = new MLContext(1);
        IDataView data = TestClips.Load(ml);
        var chain = (IEnumerable<ITransformer>)TestClips.Pipeline(ml, TestClips.Options(5)).Fit(data);
        using VideoMaeClassificationTransformer classifier = chain.OfType<VideoMaeClassificationTransformer>().Single();
        string path = Path.Combine(TestClips.NewFolder(), "model.onnx");
        classifier.SaveOnnx(path);

        string[] clips = [TestClips.Clip("red", 1), TestClips.Clip("blue", 2)];
        string output = SampleProgram.Run("OnnxScoring", path, clips[0], clips[1]);
        foreach (string clip in clips)
        {
            IReadOnlyList<KeyValuePair<string, float>> expected = classifier.Predict(MLVideo.CreateFromFile(clip));
            StringAssert.Contains(output, $"{clip}: {expected[0].Key}");
            foreach ((_, float score) in expected)
                StringAssert.Contains(output, score.ToString("0.0000", CultureInfo.InvariantCulture)[..5]);
        }

        using var session = new InferenceSession(path);
        CollectionAssert.AreEqual(
            (string[])["blue", "red"], JsonSerializer.Deserialize<string[]>(session.ModelMetadata.CustomMetadataMap["labels"]));
        StringAssert.Contains(session.ModelMetadata.CustomMetadataMap["preprocessor_config"], "image_mean");
        StringAssert.Contains(session.ModelMetadata.CustomMetadataMap["config"], "\"hidden_size\": 16");
        StringAssert.Contains(session.ModelMetadata.CustomMetadataMap["frame_sampling"], "4");
    }
}
