// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Linq;
using System.Text.Json;

namespace VideoMaeCli.Verbs;

/// <summary>A checkpoint that its authors published on the Hugging Face hub.</summary>
/// <param name="Id">What <c>--pretrained-model</c> takes.</param>
/// <param name="Size">The size of its weights.</param>
/// <param name="TrainedOn">What it was trained on.</param>
/// <param name="Use">When to take it.</param>
internal sealed record PublishedModel(string Id, string Size, string TrainedOn, string Use)
{
    /// <summary>The licence of all of them.</summary>
    public const string Licence = "CC BY-NC 4.0";

    /// <summary>What all of them take.</summary>
    public const string Input = "16 frames of 224x224";

    /// <summary>What to try where a run had no published weights.</summary>
    public const string Advice = "Not tried: published weights, such as --pretrained-model MCG-NJU/videomae-base-finetuned-kinetics " +
        "(346 MB, CC BY-NC 4.0, which allows no commercial use). 'videomae models' lists them.";

    /// <summary>Those of the authors of VideoMAE.</summary>
    public static PublishedModel[] All { get; } =
    [
        new("MCG-NJU/videomae-small-finetuned-kinetics", "88.2 MB", "Kinetics-400 with labels", "score or featurize on a CPU"),
        new("MCG-NJU/videomae-base-finetuned-kinetics", "346 MB", "Kinetics-400 with labels", "everyday actions; probes with few clips"),
        new("MCG-NJU/videomae-base-short-finetuned-kinetics", "346 MB", "Kinetics-400 with labels", "repeat published results"),
        new("MCG-NJU/videomae-large-finetuned-kinetics", "1.22 GB", "Kinetics-400 with labels", "where accuracy counts more than time"),
        new("MCG-NJU/videomae-huge-finetuned-kinetics", "about 2.5 GB", "Kinetics-400 with labels", "where only accuracy counts"),
        new("MCG-NJU/videomae-small-finetuned-ssv2", "87.8 MB", "Something-Something V2 with labels", "motion, on a CPU"),
        new("MCG-NJU/videomae-base-finetuned-ssv2", "346 MB", "Something-Something V2 with labels", "probes where hands move things"),
        new("MCG-NJU/videomae-base-short-finetuned-ssv2", "346 MB", "Something-Something V2 with labels", "repeat published results"),
        new("MCG-NJU/videomae-base", "377 MB", "Kinetics-400 without labels", "fine-tune with dozens of clips a class"),
        new("MCG-NJU/videomae-base-short", "377 MB", "Kinetics-400 without labels", "repeat published results"),
        new("MCG-NJU/videomae-large", "1.37 GB", "Kinetics-400 without labels", "fine-tune on a GPU with much memory"),
        new("MCG-NJU/videomae-base-ssv2", "377 MB", "Something-Something V2 without labels", "where motion alone tells classes apart"),
        new("MCG-NJU/videomae-base-short-ssv2", "377 MB", "Something-Something V2 without labels", "repeat published results"),
    ];
}

/// <summary><c>videomae models</c>: which published checkpoints there are. Nothing is downloaded.</summary>
internal static class ModelsVerb
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("models", """
            Lists published checkpoints for --pretrained-model, with size, input and licence. Nothing is downloaded.

            Example:
              videomae models
            """)
        {
            json,
        };
        command.SetAction(result =>
        {
            if (result.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(
                    PublishedModel.All.Select(m => new
                    {
                        m.Id,
                        m.Size,
                        PublishedModel.Input,
                        m.TrainedOn,
                        m.Use,
                        PublishedModel.Licence,
                    }),
                    Json.Options));
                return ExitCode.Done;
            }

            Print();
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print()
    {
        int widest = PublishedModel.All.Max(m => m.Id.Length), size = PublishedModel.All.Max(m => m.Size.Length);
        foreach (PublishedModel model in PublishedModel.All)
            Console.WriteLine($"{model.Id.PadRight(widest)}  {model.Size.PadLeft(size)}  {model.TrainedOn}: {model.Use}");
        Console.WriteLine($"All take {PublishedModel.Input}. Their licence is {PublishedModel.Licence}: it allows no commercial use.");
        Console.WriteLine("Without --pretrained-model, the weights that come with this tool are taken: MIT, 5.9 MB, for motion.");
    }
}
