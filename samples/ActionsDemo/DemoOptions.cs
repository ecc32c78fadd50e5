// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;

namespace ActionsDemo;

/// <summary>The command line of the demo.</summary>
internal sealed class DemoOptions
{
    public const string Usage = "Usage: ActionsDemo [--dataset DIR] [--output DIR] [--seed N] [--epochs N] [--clips N] [--test-clips N] " +
        "[--from-scratch] [--predictor PredictVideo.dll]";

    /// <summary>A folder with one folder of videos per class; null makes the motion clips.</summary>
    public string? Dataset { get; private set; }

    public string Output { get; private set; } = "demo-output";

    public int Seed { get; private set; } = 1;

    public int? Epochs { get; private set; }

    /// <summary>Generated training clips per class.</summary>
    public int Clips { get; private set; } = 120;

    /// <summary>Generated test clips per class.</summary>
    public int TestClips { get; private set; } = 30;

    /// <summary>Whether to start from nothing, in place of the shipped weights.</summary>
    public bool FromScratch { get; private set; }

    /// <summary>The program that is started to load the saved model.</summary>
    public string? Predictor { get; private set; }

    public static DemoOptions Parse(string[] args)
    {
        var options = new DemoOptions();
        for (int i = 0; i < args.Length; i += 2)
        {
            if (args[i] == "--from-scratch")
            {
                options.FromScratch = true;
                i--; // It has no value.
                continue;
            }

            string value = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value. {Usage}");
            switch (args[i])
            {
                case "--dataset": options.Dataset = value; break;
                case "--output": options.Output = value; break;
                case "--seed": options.Seed = Number(args[i], value); break;
                case "--epochs": options.Epochs = Number(args[i], value); break;
                case "--clips": options.Clips = Number(args[i], value); break;
                case "--test-clips": options.TestClips = Number(args[i], value); break;
                case "--predictor": options.Predictor = value; break;
                default: throw new ArgumentException($"{args[i]} is not an option. {Usage}");
            }
        }

        return options;
    }

    private static int Number(string name, string value) => int.TryParse(value, CultureInfo.InvariantCulture, out int number) && number > 0
        ? number
        : throw new ArgumentException($"{name} is '{value}', but has to be a whole number above 0. {Usage}");
}
