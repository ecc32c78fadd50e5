// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae verify</c>: replays recorded tensors.</summary>
internal sealed class VerifyVerb
{
    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model =
        new("model") { Description = "A checkpoint: a folder, a .safetensors, .bin, .pth or .ckpt file, a zip of a folder, or a hub id." };
    private readonly Option<string> _reference = new("--reference")
    {
        Required = true,
        Description = "A .safetensors file with pixel_values [B, T, C, H, W] and other recorded inputs."
    };
    private readonly Option<string?> _expected =
        new("--expected") { Description = "A .safetensors file with the expected outputs, where they are not in the first one." };
    private readonly Option<string?> _config = new("--config") { Description = "A config.json to load the checkpoint with." };
    private readonly Option<double?> _tolerance = new("--tolerance")
    {
        Description = "The largest difference allowed everywhere. Without it: 2e-5 for values, 2e-6 for losses, " +
            "1e-5 and a relative 1e-4 for gradients."
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print JSON." };

    public static Command Create() => new VerifyVerb().CreateCommand();

    private Command CreateCommand()
    {
        var command = new Command("verify", """
            Replays tensors that another implementation recorded, and compares what comes out.
            The exit code is 3 where something is out of tolerance.

            Example:
              videomae verify checkpoint --reference inputs.safetensors --expected expected.safetensors
            """)
        {
            _model, _reference, _expected, _config, _tolerance, _json,
        };
        _common.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        double? tolerance = result.GetValue(_tolerance);
        if (tolerance is not (null or >= 0))
            throw new ArgumentException(FormattableString.Invariant($"--tolerance is {tolerance}; it must not be negative."));
        string reference = result.GetValue(_reference)!;
        string? expected = result.GetValue(_expected);
        foreach (string file in expected is null ? [reference] : (string[])[reference, expected])
        {
            if (!File.Exists(file))
                throw new FileNotFoundException($"There is no file '{file}'. Give a .safetensors file with recorded tensors.");
        }

        PretrainedOptions? options = result.GetValue(_config) is string config
            ? new PretrainedOptions { Config = VideoMaeConfig.Load(config) }
            : null;
        ReferenceVerification verification = ReferenceVerifier.Verify(result.GetValue(_model)!, reference, expected, tolerance, options);
        if (result.GetValue(_json))
            Console.WriteLine(JsonSerializer.Serialize(
                new
                {
                    verification.Passed,
                    comparisons = verification.Comparisons.Select(
                        c => new { c.Name, c.Passed, largestDifference = Json.Finite(c.LargestDifference), c.LargestExpected }),
                    verification.Skipped,
                },
                Json.Options));
        else
            Print(verification);
        return verification.Passed ? ExitCode.Done : ExitCode.SomethingWrong;
    }

    private static void Print(ReferenceVerification verification)
    {
        Console.WriteLine(verification.LoadReport);
        foreach (ReferenceComparison comparison in verification.Comparisons)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{(comparison.Passed ? "ok  " : "FAIL")} {comparison.LargestDifference,10:0.00e+00} of " +
                $"{comparison.LargestExpected,10:0.00e+00}  {comparison.Name}"));
        }

        if (verification.Skipped.Count > 0)
            Console.WriteLine($"Not compared, since this model does not produce them: {string.Join(", ", verification.Skipped)}.");
        Console.WriteLine($"{verification.Comparisons.Count(comparison => comparison.Passed)} of " +
            $"{verification.Comparisons.Count} within tolerance.");
    }
}
