// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training.Validation;

[TestClass]
public sealed class ValidationSplitTests
{
    private static ClipExample Example(int label, string? group = null, string path = "x.mp4") =>
        new(MLVideo.CreateFromFile(path), label, group);

    [TestMethod]
    public void EveryClass_KeepsItsShare()
    {
        ClipExample[] rows =
        [.. Enumerable.Repeat(Example(0), 40), .. Enumerable.Repeat(Example(1), 10), .. Enumerable.Repeat(Example(2), 2), Example(3)];
        (List<ClipExample> training, List<ClipExample> validation) = ValidationSplit.Split(rows, 0.2, stratify: true, new Random(1));
        CollectionAssert.AreEqual(
            new[] { 8, 2, 1, 0 },
            Enumerable.Range(0, 4).Select(c => validation.Count(e => e.ClassIndex == c)).ToArray());
        Assert.HasCount(rows.Length - validation.Count, training);
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Groups_StayTogether(int seed)
    {
        var random = new Random(seed);
        ClipExample[] rows = [.. Enumerable.Range(0, 200).Select(i => Example(i % 3, $"source {random.Next(30)}"))];
        (List<ClipExample> training, List<ClipExample> validation) = ValidationSplit.Split(rows, 0.25, stratify: true, random);
        Assert.IsEmpty(training.Select(e => e.Group).Intersect(validation.Select(e => e.Group)));
        foreach (int label in Enumerable.Range(0, 3))
            Assert.AreEqual(0.25, (double)validation.Count(e => e.ClassIndex == label) / rows.Count(e => e.ClassIndex == label), 0.12);
    }

    [TestMethod]
    public void Numbers_AreNotStratified()
    {
        ClipExample[] rows = [.. Enumerable.Range(0, 20).Select(i => Example(i))];
        Assert.HasCount(5, ValidationSplit.Split(rows, 0.25, stratify: false, new Random(1)).Validation);
    }

    [TestMethod]
    public void Names_OfOneSource_AreSuspected()
    {
        ClipExample[] cut =
        [
            .. from label in new[] { 0, 1 }
            from g in Enumerable.Range(1, 4)
            from c in Enumerable.Range(1, 3)
            select Example(label, path: $"{label}/v_Run_g{g:00}_c{c:00}.avi")];
        Assert.AreEqual(("v_Run_g01_c01.avi", "v_Run_g01_c02.avi"), GroupNames.Suspect(cut));
        ClipExample[] plain =
        [.. from label in new[] { 0, 1 } from c in Enumerable.Range(1, 12) select Example(label, path: $"{label}/{c}.mp4")];
        Assert.IsNull(GroupNames.Suspect(plain));
        ClipExample[] named =
        [.. from label in new[] { 0, 1 } from c in Enumerable.Range(1, 12) select Example(label, path: $"{label}/class{label}_{c}.mp4"),
        ];
        Assert.IsNull(GroupNames.Suspect(named));
    }

    [TestMethod]
    public void Better_IsDecidedByTheMetricThenByTheLoss()
    {
        var a = new ValidationResult(Loss: 0.5, Accuracy: 0.9, MacroAccuracy: 0.5);
        var b = new ValidationResult(Loss: 0.4, Accuracy: 0.9, MacroAccuracy: 0.4);
        var c = new ValidationResult(Loss: 0.6, Accuracy: 0.95, MacroAccuracy: 0.3);
        Assert.IsTrue(a.IsBetterThan(null, ValidationMetric.Accuracy));
        Assert.IsTrue(b.IsBetterThan(a, ValidationMetric.Accuracy));
        Assert.IsTrue(c.IsBetterThan(b, ValidationMetric.Accuracy));
        Assert.IsTrue(a.IsBetterThan(b, ValidationMetric.MacroAccuracy));
        Assert.IsTrue(b.IsBetterThan(c, ValidationMetric.Loss));
        Assert.IsFalse(a.IsBetterThan(a, ValidationMetric.Loss));
    }
}
