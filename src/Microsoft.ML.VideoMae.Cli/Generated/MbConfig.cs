// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text.Json;
using System.Text.Json.Nodes;
using VideoMaeCli.Training;

namespace VideoMaeCli.Generated;

/// <summary>
/// Reads and writes Name.mbconfig: what a run was asked for, laid out as Model Builder's files are. Only this tool has read it so far.
/// </summary>
internal static class MbConfig
{
    private const string Kind = "TrainingConfig";
    private const string OurScenario = "VideoClassification";
    private const int CurrentVersion = 1;
    private const string Here = "./";
    private const string PretrainedModel = nameof(Microsoft.ML.VideoMae.VideoMaeTrainer.Options.PretrainedModel);

    private sealed record Content(string? Type, int Version, string? Scenario, Source? DataSource, Source? ValidationSource,
        Source? TestSource, Place? Environment, JsonNode? TrainingOption);

    private sealed record Source(string Type, string Path, ListSettings? List = null);

    private sealed record Place(string Type, string Device);

    /// <summary>What is no option of the trainer; its options stand beside it.</summary>
    private sealed record Training(
        float ValidationShare, string? GroupColumn, int Seed, int? TrainTime = null, VideoTask Task = VideoTask.Classification);

    private static readonly JsonSerializerOptions s_options = new(Json.Options) { PropertyNamingPolicy = null };

    /// <param name="settings">What the run was asked for.</param>
    /// <param name="folder">Where the file will lie: what is at or below it is named from there, so that both can move together.</param>
    public static string Write(TrainSettings settings, string folder) => JsonSerializer.Serialize(
        new Content(Kind, CurrentVersion, OurScenario, SourceOf(settings.Dataset, settings, folder),
            settings.ValidationDataset is string validation ? SourceOf(validation, settings, folder) : null,
            settings.TestDataset is string test ? SourceOf(test, settings, folder) : null,
            new Place(settings.Device == "cpu" ? "LocalCPU" : "LocalGPU", settings.Device),
            TrainingOf(settings, folder)),
        s_options);

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is not one that this tool wrote.</exception>
    public static TrainSettings Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"There is no '{path}'. Give a .mbconfig file that 'videomae train' wrote, or start anew with --dataset.");
        Content content = Parse(path);
        if (content.Scenario != OurScenario)
            throw new InvalidDataException($"'{path}' is for the scenario '{content.Scenario}'; this tool reads those of " +
                $"'{OurScenario}' that 'videomae train' wrote.");
        if (content.Type != Kind || content.Version != CurrentVersion || content.DataSource is null
            || content.TrainingOption is not JsonObject given)
            throw new InvalidDataException(
                $"'{path}' is not a {Kind} of version {CurrentVersion} with a DataSource and a TrainingOption. Start anew with --dataset.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        (Training training, OptionValues options) =
            Parsed(path, () => (given.Deserialize<Training>(s_options)!, OptionValues.Read(given, s_options)));
        return new TrainSettings
        {
            Name = Path.GetFileNameWithoutExtension(path),
            Dataset = Path.TrimEndingDirectorySeparator(Path.GetFullPath(content.DataSource.Path, folder)),
            ValidationDataset = content.ValidationSource is Source source ? Path.GetFullPath(source.Path, folder) : null,
            TestDataset = content.TestSource is Source tested ? Path.GetFullPath(tested.Path, folder) : null,
            TrainTime = training.TrainTime,
            Task = training.Task,
            Device = content.Environment?.Device ?? "cpu",
            List = content.DataSource.List ?? content.ValidationSource?.List ?? new ListSettings(),
            ValidationShare = training.ValidationShare,
            GroupColumn = training.GroupColumn,
            Seed = training.Seed,
            // A file is named from './' on; anything else is an id of the hub, or a path of this machine.
            Options = options[PretrainedModel] is string model && model.StartsWith(Here, StringComparison.Ordinal)
                ? options.With(PretrainedModel, Path.GetFullPath(model, folder)) : options,
        };
    }

    private static Content Parse(string path) => Parsed(path, () => JsonSerializer.Deserialize<Content>(File.ReadAllText(path), s_options))
        ?? throw new InvalidDataException($"'{path}' is empty.");

    private static T Parsed<T>(string path, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"'{path}' is not a .mbconfig file: {e.Message}", e);
        }
    }

    private static JsonObject TrainingOf(TrainSettings settings, string folder)
    {
        var training = new Training(settings.ValidationShare, settings.GroupColumn, settings.Seed, settings.TrainTime, settings.Task);
        JsonObject json = JsonSerializer.SerializeToNode(training, s_options)!.AsObject();
        OptionValues options = settings.Options[PretrainedModel] is string model && model != "none" && Path.Exists(model)
            ? settings.Options.With(PretrainedModel, From(folder, model)) : settings.Options;
        options.Write(json, s_options);
        return json;
    }

    private static Source SourceOf(string path, TrainSettings settings, string folder) => File.Exists(path)
        ? new("CsvFile", From(folder, path), settings.List.IsEmpty ? null : settings.List)
        : new("Folder", From(folder, path));

    /// <summary>A path at or below the folder from there, with slashes, which all systems read; another one as it is.</summary>
    private static string From(string folder, string path)
    {
        string relative = Path.GetRelativePath(Path.GetFullPath(folder), Path.GetFullPath(path)).Replace(Path.DirectorySeparatorChar, '/');
        return Path.IsPathRooted(relative) || relative == ".." || relative.StartsWith("../", StringComparison.Ordinal)
            ? Path.GetFullPath(path)
            : $"{Here}{relative}";
    }
}
