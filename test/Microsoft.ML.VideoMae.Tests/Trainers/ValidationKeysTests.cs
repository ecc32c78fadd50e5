// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

/// <summary>The keys of a validation set are matched by what they stand for, not by number.</summary>
[TestClass]
public sealed class ValidationKeysTests
{
    private readonly MLContext _ml = new(1);
    private readonly List<string> _warnings = [];

    public ValidationKeysTests() => _ml.Log += (_, e) =>
    {
        if (e.Kind == Microsoft.ML.Runtime.ChannelMessageKind.Warning)
            _warnings.Add(e.RawMessage);
    };

    private sealed class Row
    {
        public string VideoPath { get; set; } = "";

        public string Label { get; set; } = "";
    }

    private sealed class NumberedRow
    {
        public string VideoPath { get; set; } = "";

        [KeyType(2)]
        public uint Label { get; set; }
    }

    [TestMethod]
    public void KeysInAnotherOrder_MeasureTheSame()
    {
        double same = Train(Keyed(Clips("red", "blue")));
        double other = Train(Keyed(Clips("blue", "red")));
        Assert.AreEqual(1, same, "the classes are easy");
        Assert.AreEqual(same, other);
        Assert.IsEmpty(_warnings, string.Join("\n", _warnings));
    }

    [TestMethod]
    public void ClassThatOnlyValidationHas_IsNamedAndLeftOut()
    {
        IEnumerable<Row> rows = Clips("red", "blue").Append(new Row { VideoPath = TestClips.Clip("red", 1), Label = "green" });
        Assert.AreEqual(1, Train(Keyed(rows)));
        Assert.Contains(
            "The validation set has classes that the training data does not have: 'green' (1). Their rows are left out.", _warnings);
    }

    [TestMethod]
    public void ClassWithoutTrainingRows_IsNamedBeforeTheFirstEpoch()
    {
        Row[] rows = [.. Clips("red", "blue"), new Row { VideoPath = TestClips.Clip("red", 1), Label = "green" }];
        IDataView all = _ml.Data.LoadFromEnumerable(rows);
        var keys = _ml.Transforms.Conversion.MapValueToKey("Label").Fit(all);
        IDataView training = Videos(keys.Transform(_ml.Data.LoadFromEnumerable(rows[..^1])));
        int warningsAtFirstEpoch = -1;
        VideoMaeTrainer.Options options = TestClips.Options(2);
        options.ValidationSet = Videos(keys.Transform(all));
        options.MetricsCallback = _ => warningsAtFirstEpoch = warningsAtFirstEpoch < 0 ? _warnings.Count : warningsAtFirstEpoch;
        using var model = _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(training);
        Assert.AreEqual(1, warningsAtFirstEpoch);
        Assert.AreEqual(
            "Some classes have validation rows and no training rows: 'green' (1). The model cannot learn them; their rows count as " +
            "mistakes.",
            _warnings[0]);
    }

    [TestMethod]
    public void NoClassInCommon_IsRefusedWithBothLists()
    {
        Row[] rows = [.. Clips("red", "blue").Select(r => new Row { VideoPath = r.VideoPath, Label = $"{r.Label}!" })];
        string message = Assert.Throws<InvalidOperationException>(() => Train(Keyed(rows))).Message;
        StringAssert.Contains(message, "do not match those of the training data. Training: 'blue', 'red'. Validation: 'red!', 'blue!'.");
    }

    [TestMethod]
    public void KeysWithoutValuesBesideKeysWithValues_AreRefused()
    {
        NumberedRow[] rows = [.. Clips("red", "blue").Select((r, i) => new NumberedRow { VideoPath = r.VideoPath, Label = (uint)(i % 2) })];
        string message = Assert.Throws<InvalidOperationException>(() => Train(Videos(_ml.Data.LoadFromEnumerable(rows)))).Message;
        StringAssert.Contains(message, "Validation: 2 keys without values.");
    }

    [TestMethod]
    public void LabelsOfOtherKeys_AreWarnedOfBeforeTheyAreEvaluated()
    {
        IDataView training = Keyed(Clips("red", "blue"));
        using var model = _ml.MulticlassClassification.Trainers.VideoMae(TestClips.Options(1)).Fit(training);
        model.Transform(training);
        Assert.IsEmpty(_warnings, string.Join("\n", _warnings));
        model.Transform(Keyed(Clips("blue", "red")));
        Assert.HasCount(1, _warnings);
        StringAssert.Contains(_warnings[0], "Column 'Label' has the keys blue, red, and this model red, blue: evaluators compare keys by " +
            "number");
    }

    /// <summary>Trains on clips whose keys are blue, red; gives the best accuracy on the validation set.</summary>
    private double Train(IDataView validation)
    {
        double best = 0;
        VideoMaeTrainer.Options options = TestClips.Options(12);
        options.ValidationSet = validation;
        options.MetricsCallback = metrics => best = Math.Max(best, metrics.ValidationAccuracy!.Value);
        using var model = _ml.MulticlassClassification.Trainers.VideoMae(options).Fit(Keyed(Clips("blue", "red")));
        return best;
    }

    private static Row[] Clips(string first, string second) =>
        [
            .. Enumerable
                .Range(1, 4)
                .SelectMany(i =>
                    new[]
                    {
                        new Row { VideoPath = TestClips.Clip(first, i), Label = first },
                        new Row { VideoPath = TestClips.Clip(second, i), Label = second },
                    })];

    private IDataView Keyed(IEnumerable<Row> rows)
    {
        IDataView data = _ml.Data.LoadFromEnumerable(rows.ToArray());
        return Videos(_ml.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data));
    }

    private IDataView Videos(IDataView data) => _ml.Transforms.LoadVideos("Video", "VideoPath").Fit(data).Transform(data);
}
