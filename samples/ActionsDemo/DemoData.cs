// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML;
using MotionClips;

namespace ActionsDemo;

/// <summary>The clips that the demo trains and tests on.</summary>
internal static class DemoData
{
    private const double TestFraction = 0.25;

    /// <summary>Makes clips, or splits those of the user's folder.</summary>
    public static (IDataView Train, IDataView Test) Load(MLContext ml, DemoOptions options)
    {
        if (options.Dataset is string folder)
        {
            var split = ml.Data.TrainTestSplit(ml.Data.LoadVideosFromDirectory(folder), TestFraction);
            return (split.TrainSet, split.TestSet);
        }

        string train = Path.Combine(options.Output, "train"), test = Path.Combine(options.Output, "test");
        Console.WriteLine($"Making clips in {options.Output} ...");
        MotionDataset.Make(train, options.Clips, seed: 1);
        MotionDataset.Make(test, options.TestClips, seed: 2);
        return (ml.Data.LoadVideosFromDirectory(train), ml.Data.LoadVideosFromDirectory(test));
    }
}
