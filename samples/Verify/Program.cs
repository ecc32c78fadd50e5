// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;

// Replays recorded inputs through a checkpoint and prints the largest difference of every recorded output.
// Exit code 0: all within tolerance; 1: not; 2: the arguments or files are not usable.
const string Usage = "Usage: Verify --model FOLDER|FILE --reference FILE.safetensors [--expected FILE.safetensors] [--config " +
    "config.json] [--tolerance 2e-5]";
string[] known = ["--model", "--reference", "--expected", "--config", "--tolerance"];
Dictionary<string, string> options = [];
for (int i = 0; i < args.Length; i += 2)
{
    if (i + 1 == args.Length || !known.Contains(args[i]) || !options.TryAdd(args[i], args[i + 1]))
        return Fail($"'{args[i]}' is not understood here.");
}

if (!options.TryGetValue("--model", out string? model) || !options.TryGetValue("--reference", out string? reference))
    return Fail("--model and --reference are needed.");
double? tolerance = null;
if (options.TryGetValue("--tolerance", out string? text))
{
    if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || !(value >= 0))
        return Fail($"--tolerance is '{text}'; it must be a number that is not negative.");
    tolerance = value;
}

try
{
    PretrainedOptions? pretrained = options.TryGetValue("--config", out string? config)
        ? new PretrainedOptions { Config = VideoMaeConfig.Load(config) }
        : null;
    ReferenceVerification result =
        ReferenceVerifier.Verify(model, reference, options.GetValueOrDefault("--expected"), tolerance, pretrained);
    Console.WriteLine(result.LoadReport);
    foreach (ReferenceComparison comparison in result.Comparisons)
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(comparison.Passed ? "ok  " : "FAIL")} " +
            $"{comparison.LargestDifference,10:0.00e+00} of {comparison.LargestExpected,10:0.00e+00}  {comparison.Name}"));
    if (result.Skipped.Count > 0)
        Console.WriteLine($"Not compared, since this model does not produce them: {string.Join(", ", result.Skipped)}.");
    Console.WriteLine($"{result.Comparisons.Count(comparison => comparison.Passed)} of {result.Comparisons.Count} within tolerance.");
    return result.Passed ? 0 : 1;
}
catch (Exception exception) when (exception is IOException or InvalidDataException or ArgumentException)
{
    return Fail(exception.Message);
}

static int Fail(string message)
{
    Console.Error.WriteLine(message);
    Console.Error.WriteLine(Usage);
    return 2;
}
