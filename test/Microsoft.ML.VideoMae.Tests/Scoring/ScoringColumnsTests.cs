// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Scoring;

/// <summary>The columns of scored data, where some had the names of scores before.</summary>
[TestClass]
public sealed class ScoringColumnsTests
{
    /// <summary>ML.NET puts a column behind one of its name, so that all that follow move.</summary>
    [TestMethod]
    public void ColumnsOfOtherModels_StayWhatTheyAre()
    {
        var ml = new MLContext(seed: 1);
        IDataView videos = TestClips.Load(ml);
        IDataView data = ml.Transforms.LoadVideos("Video", "VideoPath").Fit(videos).Transform(videos);
        using VideoMaeClassificationTransformer classifier = ml.Model.LoadVideoMae(ReferenceFiles.Path("tiny/classification"));
        float[][] alone = [.. classifier.Transform(data).GetColumn<float[]>("Score")];
        // As two other models leave it: their scores, and copies of them behind.
        IDataView crowded = ml.Transforms.CopyColumns("Score", "Label").Append(ml.Transforms.CopyColumns("PredictedLabel", "Label"))
            .Append(ml.Transforms.CopyColumns("First", "VideoPath")).Append(ml.Transforms.CopyColumns("Score", "VideoPath"))
            .Append(ml.Transforms.CopyColumns("Second", "Label")).Fit(data).Transform(data);
        IDataView scored = classifier.Transform(crowded);
        string[] paths = [.. videos.GetColumn<string>("VideoPath")], labels = [.. videos.GetColumn<string>("Label")];
        DataDebuggerPreview all = scored.Preview();
        for (int i = 0; i < paths.Length; i++)
        {
            object ValueOf(string name) => all.RowView[i].Values.Last(v => v.Key == name).Value;
            Assert.AreEqual(paths[i], ValueOf("First").ToString());
            Assert.AreEqual(labels[i], ValueOf("Second").ToString());
            CollectionAssert.AreEqual(alone[i], ((VBuffer<float>)ValueOf("Score")).DenseValues().ToArray());
        }

        CollectionAssert.AreEqual(paths, scored.GetColumn<string>("First").ToArray());
        CollectionAssert.AreEqual(labels, scored.GetColumn<string>("Second").ToArray());
        Assert.AreEqual(alone[^1][0], scored.GetColumn<float[]>("Score").Last()[0]);
    }
}
