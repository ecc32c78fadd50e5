// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Training;

/// <summary>What a run of <c>videomae train</c> was asked for; Name.mbconfig keeps it.</summary>
internal sealed record TrainSettings
{
    /// <summary>A folder or a CSV list; empty where none was given.</summary>
    public string Dataset { get; init; } = "";

    public string? ValidationDataset { get; init; }

    /// <summary>Videos that are scored once, at the end.</summary>
    public string? TestDataset { get; init; }

    /// <summary>The seconds to look for the best of several models; null trains one.</summary>
    public int? TrainTime { get; init; }

    /// <summary>What is learned.</summary>
    public VideoTask Task { get; init; }

    /// <summary>How lists are laid out.</summary>
    public ListSettings List { get; init; } = new();

    public string Name { get; init; } = "videomae";

    /// <summary>What the trainer was given.</summary>
    [JsonIgnore]
    public OptionValues Options { get; init; } = OptionValues.None;

    /// <summary>The share of the training videos that is kept for validation where the data set has none.</summary>
    public float ValidationShare { get; init; } = 0.2f;

    public string? GroupColumn { get; init; }

    public int Seed { get; init; } = 1;

    public string Device { get; init; } = "cpu";

    /// <exception cref="ArgumentException">Something has no usable value.</exception>
    public void Check()
    {
        if (Dataset.Length == 0)
            throw new ArgumentException(
                "There is no data set: give --dataset with a folder of class folders or a CSV file, or a .mbconfig file that names one.");
        ModelName.Check(Name);
        if (TrainTime is <= 0)
            throw new ArgumentException($"--train-time is {TrainTime}; it has to be a number of seconds above 0.");
        if (ValidationShare is not (>= 0 and < 1))
            throw new ArgumentException(
                FormattableString.Invariant($"--validation-share is {ValidationShare}; it has to be at least 0 and below 1."));
    }

    /// <summary>The options of the trainer.</summary>
    public VideoMaeTrainerOptions ToOptions()
    {
        VideoMaeTrainerOptions options = TaskTrainer.Options(Task, Options);
        options.Seed = Seed;
        return options;
    }

    /// <summary>All of it; the trainer's options stand beside the rest.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = JsonSerializer.SerializeToNode(this, Json.Options)!.AsObject();
        Options.Write(json, Json.Options);
        return json;
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static TrainSettings FromJson(JsonObject json) =>
        json.Deserialize<TrainSettings>(Json.Options)! with { Options = OptionValues.Read(json, Json.Options) };
}

/// <summary>The name of a model, which is that of its files too.</summary>
internal static class ModelName
{
    /// <summary>File systems allow 255 bytes; endings and the marks of unfinished files come after it.</summary>
    private const int MostBytes = 150;

    /// <exception cref="ArgumentException">
    /// Files cannot be called so, here or where they are copied to, or code cannot speak of them.
    /// </exception>
    public static void Check(string name)
    {
        bool isFileName = !string.IsNullOrWhiteSpace(name) && name is not ("." or "..")
            && name.AsSpan().IndexOfAny(Path.GetInvalidFileNameChars()) < 0;
        if (!isFileName || name != name.Trim() || name.Any(IsInvisible))
        {
            throw new ArgumentException(
                $"--name is '{string.Concat(name.Select(c => IsInvisible(c) ? '?' : c))}'; it has to be the name of a file, " +
                "without control characters, and without spaces around it.");
        }

        if (Encoding.UTF8.GetByteCount(name) > MostBytes)
            throw new ArgumentException(
                $"--name has {Encoding.UTF8.GetByteCount(name)} bytes; files of the model are called so, and {MostBytes} is the most.");
    }

    /// <summary>Such characters end a line, in code too.</summary>
    private static bool IsInvisible(char c) =>
        char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
