// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Training;

namespace VideoMaeCli.Generated;

/// <summary>Writes Name.training.cs: the pipeline of the run, to train again.</summary>
internal static class TrainingCode
{
    /// <param name="settings">What the run was asked for.</param>
    /// <param name="result">What it came to.</param>
    public static string Write(TrainSettings settings, TrainResult result) =>
        result.Trials.FirstOrDefault(t => t.IsBest) is Trial best
            ? Write(settings, result.Sets.SplitColumn, Experiment(settings, best))
            : Write(settings, result.Sets.SplitColumn, result.Sets.IsShareDrawn);

    /// <param name="settings">What the run was asked for.</param>
    /// <param name="splitColumn">The column of the data set that says which rows are for training; null where all are.</param>
    /// <param name="keepsShare">Whether a share of the training videos is kept for validation.</param>
    public static string Write(TrainSettings settings, string? splitColumn, bool keepsShare) =>
        Write(settings, splitColumn, Trainer(settings, keepsShare));

    /// <param name="settings">What the run was asked for.</param>
    /// <param name="splitColumn">The column of the data set that says which rows are for training; null where all are.</param>
    /// <param name="members">The members that train a model.</param>
    private static string Write(TrainSettings settings, string? splitColumn, string members) => $$"""
        // Written by 'videomae train': the pipeline that made {{settings.Name}}.zip, to train it again.
        #nullable enable

        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using Microsoft.ML;
        using Microsoft.ML.Data;
        using Microsoft.ML.VideoMae;

        namespace VideoModels
        {
            public partial class {{CodeNames.ClassOf(settings.Name)}}
            {
                /// <summary>The videos that this model was trained on.</summary>
                public const string RetrainDataPath = {{CodeNames.Literal(settings.Dataset)}};

                /// <summary>Trains on a folder of class folders, or a CSV list with the columns path and label, and saves the model.</summary>
                public static void Train(string outputModelPath, string dataPath = RetrainDataPath)
                {
                    var mlContext = new MLContext(seed: {{settings.Seed}});
                    IDataView data = LoadTrainingVideos(mlContext, dataPath);
                    ITransformer model = RetrainModel(mlContext, data);
                    SaveModel(mlContext, model, data, outputModelPath);
                    (model as IDisposable)?.Dispose();
                }

                /// <summary>Lists the videos to train on; nothing is decoded yet.</summary>
                public static IDataView LoadTrainingVideos(MLContext mlContext, string dataPath)
                {
                    IDataView data = LoadVideos(mlContext, dataPath);
                    {{(splitColumn is null ? "return data;" : $"return mlContext.Data.TakeVideoSplits(data, {CodeNames.Literal(splitColumn)}).TrainSet;")}}
                }

                /// <summary>Lists all videos of a data set; nothing is decoded yet.</summary>
                public static IDataView LoadVideos(MLContext mlContext, string dataPath) =>
                    File.Exists(dataPath) ? mlContext.Data.LoadVideosFromCsv(dataPath{{ListArguments(settings.List)}}) : mlContext.Data.LoadVideosFromDirectory(dataPath);

                /// <summary>Saves a model for <see cref="Predict"/>.</summary>
                public static void SaveModel(MLContext mlContext, ITransformer model, IDataView data, string modelSavePath) =>
                    mlContext.Model.Save(model, data.Schema, modelSavePath);

        {{members}}
            }
        }

        """;

    /// <summary>The members of a run that trained one transformer.</summary>
    private static string Trainer(TrainSettings settings, bool keepsShare) => $$"""
                /// <summary>Trains a new model on labelled videos.</summary>
                public static ITransformer RetrainModel(MLContext mlContext, IDataView trainData) => BuildPipeline(mlContext).Fit(trainData);

                /// <summary>The pipeline: labels become what the trainer takes, paths become videos, and it learns.</summary>
                public static IEstimator<ITransformer> BuildPipeline(MLContext mlContext)
                {
                    var options = new {{TrainerOf(settings.Task)}}.Options
                    {
                        {{string.Join($"{Environment.NewLine}                ", Options(settings, keepsShare))}}
                    };
                    return mlContext.Transforms.Conversion.{{LabelStep(settings.Task)}}
                        .Append(mlContext.Transforms.LoadVideos("Video", "VideoPath"))
                        .Append(mlContext.{{CatalogOf(settings.Task)}}.Trainers.VideoMae(options)){{(settings.Task == VideoTask.Classification
                            ? "\n                .Append(mlContext.Transforms.Conversion.MapKeyToValue(\"PredictedLabel\"));" : ";")}}
                }
        """;

    /// <summary>The members of a run that looked for the best of several models: what was taken is tried again, on its own.</summary>
    private static string Experiment(TrainSettings settings, Trial best) => $$"""
                /// <summary>Trains a new model on labelled videos: {{best.Name}}.</summary>
                public static ITransformer RetrainModel(MLContext mlContext, IDataView trainData)
                {
                    ITransformer videos = mlContext.Transforms.Conversion.{{LabelStep(settings.Task)}}
                        .Append(mlContext.Transforms.LoadVideos("Video", "VideoPath")).Fit(trainData);
                    IDataView labelled = videos.Transform(trainData);
                    VideoExperimentResult result = mlContext.{{CatalogOf(settings.Task)}}.CreateVideoExperiment(new VideoExperimentSettings
                    {
                        MaxExperimentTimeInSeconds = {{Text(settings.TrainTime!.Value)}},
                        Candidates = [.. Candidates().Where(candidate => candidate.Name is {{string.Join(" or ", best.Name.Split(" + ").Select(CodeNames.Literal))}})],
                    }).Execute(labelled{{(settings.GroupColumn is string group ? $", groupColumnName: {CodeNames.Literal(group)}" : "")}});
                    ITransformer model = result.BestRun.Model!;
                    return {{(settings.Task == VideoTask.Classification
                        ? "new TransformerChain<ITransformer>(videos, model,\n                " +
                            "mlContext.Transforms.Conversion.MapKeyToValue(\"PredictedLabel\").Fit(model.Transform(labelled)));"
                        : "new TransformerChain<ITransformer>(videos, model);")}}
                }

                /// <summary>What an experiment can try.{{(UsesImages(best) ? " ResNet-18 comes with the package Microsoft.ML.VideoMae.ImageFeatures." : "")}}</summary>
                public static IEnumerable<VideoExperimentCandidate> Candidates() =>
                    VideoExperimentCandidate.Defaults({{Pretrained(settings)}}){{(UsesImages(best) ? ".Append(VideoImageCandidate.ImageFeatures)" : "")}};
        """;

    private static string TrainerOf(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => nameof(VideoMaeBinaryTrainer),
        VideoTask.Regression => nameof(VideoMaeRegressionTrainer),
        _ => nameof(VideoMaeTrainer),
    };

    private static string LabelStep(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => "ConvertType(\"Label\", outputKind: DataKind.Boolean)",
        VideoTask.Regression => "ConvertType(\"Label\", outputKind: DataKind.Single)",
        _ => "MapValueToKey(\"Label\")",
    };

    /// <summary>The catalog of MLContext that has the task.</summary>
    public static string CatalogOf(VideoTask task) => task == VideoTask.Classification ? "MulticlassClassification" : $"{task}";

    private static bool UsesImages(Trial best) => best.Name.Split(" + ").Contains(VideoImageCandidate.ImageFeatures.Name);

    private static string Pretrained(TrainSettings settings) =>
        settings.Options[nameof(VideoMaeTrainer.Options.PretrainedModel)] is string model ? CodeNames.Literal(model) : "";

    /// <summary>What was said of the layout of lists; the rest is found out again.</summary>
    private static string ListArguments(ListSettings list) => string.Concat(
        list.PathColumn is string path ? $", pathColumnName: {CodeNames.Literal(path)}" : "",
        list.LabelColumn is string label ? $", labelColumnName: {CodeNames.Literal(label)}" : "",
        list.Separator is string separator ? $", separator: (char){Text((int)ListSettings.SeparatorOf(separator))}" : "",
        list.Header is bool header ? $", hasHeader: {(header ? "true" : "false")}" : "",
        list.Encoding is string encoding ? $", encoding: {EncodingOf(CodeNames.Literal(encoding))}" : "");

    /// <summary>Encodings of old systems are not among those that a program has from the start.</summary>
    private static string EncodingOf(string name) =>
        $"System.Text.CodePagesEncodingProvider.Instance.GetEncoding({name}) ?? System.Text.Encoding.GetEncoding({name})";

    /// <summary>What the run was given, and what everybody asks for; the rest are the trainer's defaults.</summary>
    private static IEnumerable<string> Options(TrainSettings settings, bool keepsShare)
    {
        VideoMaeTrainerOptions options = settings.ToOptions();
        options.ValidationFraction = keepsShare ? settings.ValidationShare : 0;
        options.GroupColumnName = keepsShare ? settings.GroupColumn : null;
        options.EarlyStoppingPatience = keepsShare ? options.EarlyStoppingPatience : null;
        return from option in TaskTrainer.Table(settings.Task)
               let value = option.GetValue(options)
               where value is not null && (s_always.Contains(option.Name) || !Equals(value, option.DefaultValue))
               select $"{option.Name} = {Literal(value)},";
    }

    private static readonly string[] s_always =
        [nameof(VideoMaeTrainer.Options.LabelColumnName), nameof(VideoMaeTrainer.Options.FeatureColumnName),
            nameof(VideoMaeTrainer.Options.NumberOfEpochs), nameof(VideoMaeTrainer.Options.BatchSize)];

    private static string Literal(object value) => value switch
    {
        string text => CodeNames.Literal(text),
        bool flag => flag ? "true" : "false",
        float number => $"{Text(number)}f",
        int number => Text(number),
        Enum when value.GetType().Namespace == "Microsoft.ML.VideoMae" => $"{value.GetType().Name}.{value}",
        Enum => $"{value.GetType().Namespace}.{value.GetType().Name}.{value}",
        _ => throw new NotSupportedException($"There is no literal for a {value.GetType().Name}."),
    };

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
