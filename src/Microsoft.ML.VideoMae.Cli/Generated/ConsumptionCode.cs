// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace VideoMaeCli.Generated;

/// <summary>Writes Name.consumption.cs: what an app needs to predict.</summary>
internal static class ConsumptionCode
{
    /// <param name="name">The name of the model, whose .zip is called so too.</param>
    /// <param name="task">What it was trained for.</param>
    public static string Write(string name, VideoTask task) => $$"""
        // Written by 'videomae train'. Add it to a project with the package Microsoft.ML.VideoMae and a native libtorch
        // (TorchSharp-cpu, TorchSharp-cuda-linux or TorchSharp-cuda-windows), and copy {{name}}.zip to the output folder.
        #nullable enable

        using System;
        using System.Collections.Generic;
        using System.IO;
        using System.Linq;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        namespace VideoModels
        {
            /// <summary>{{Purpose(task)}}</summary>
            public partial class {{CodeNames.ClassOf(name)}}
            {
                /// <summary>What the model is given.</summary>
                public class ModelInput
                {
                    /// <summary>The path of a video.</summary>
                    [ColumnName("VideoPath")]
                    public string VideoPath { get; set; } = "";

                    /// <summary>The label, where it is known; predictions do not need it.</summary>
                    [ColumnName("Label")]
                    public string Label { get; set; } = "";
                }

                /// <summary>What the model answers.</summary>
                public class ModelOutput
                {
        {{Answer(task)}}
                }

                /// <summary>Where the model is loaded from, the first time that it is used.</summary>
                public static string MLNetModelPath { get; set; } = Path.Combine(AppContext.BaseDirectory, {{CodeNames.Literal($"{name}.zip")}});

                /// <summary>Made at the first prediction. Like every PredictionEngine it serves one thread at a time.</summary>
                public static readonly Lazy<PredictionEngine<ModelInput, ModelOutput>> PredictEngine = new(CreatePredictEngine, true);

                /// <summary>What the model answers about a video.</summary>
                public static ModelOutput Predict(ModelInput input) => PredictEngine.Value.Predict(input);
        {{(task == VideoTask.Classification ? AllLabels : "")}}
                private static PredictionEngine<ModelInput, ModelOutput> CreatePredictEngine()
                {
                    var mlContext = new MLContext();
                    ITransformer model = mlContext.Model.Load(MLNetModelPath, out DataViewSchema _);
                    return mlContext.Model.CreatePredictionEngine<ModelInput, ModelOutput>(model);
                }
            }
        }

        """;

    private static string Purpose(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => "Says yes or no of videos.",
        VideoTask.Regression => "Predicts a number of videos.",
        _ => "Predicts the classes of videos.",
    };

    private static string Answer(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => """
                    /// <summary>Whether yes is more probable than no.</summary>
                    [ColumnName("PredictedLabel")]
                    public bool PredictedLabel { get; set; }

                    /// <summary>The probability of yes.</summary>
                    [ColumnName("Probability")]
                    public float Probability { get; set; }

                    /// <summary>The logarithm of its odds.</summary>
                    [ColumnName("Score")]
                    public float Score { get; set; }
        """,
        VideoTask.Regression => """
                    /// <summary>The number, in the unit of the labels.</summary>
                    [ColumnName("Score")]
                    public float Score { get; set; }
        """,
        _ => """
                    /// <summary>The most probable class.</summary>
                    [ColumnName("PredictedLabel")]
                    public string PredictedLabel { get; set; } = "";

                    /// <summary>The probability of each class, in the order of the model's classes.</summary>
                    [ColumnName("Score")]
                    public float[] Score { get; set; } = Array.Empty<float>();
        """,
    };

    private const string AllLabels = """

                /// <summary>The probabilities of all classes of a video by name, the most probable first.</summary>
                public static IOrderedEnumerable<KeyValuePair<string, float>> PredictAllLabels(ModelInput input) => GetSortedScoresWithLabels(Predict(input));

                /// <summary>The probabilities of a prediction by name, the most probable first.</summary>
                public static IOrderedEnumerable<KeyValuePair<string, float>> GetSortedScoresWithLabels(ModelOutput result) =>
                    GetLabels().Zip(result.Score, (label, score) => new KeyValuePair<string, float>(label, score)).OrderByDescending(pair => pair.Value);

                private static IEnumerable<string> GetLabels()
                {
                    VBuffer<ReadOnlyMemory<char>> names = default;
                    PredictEngine.Value.OutputSchema["Score"].GetSlotNames(ref names);
                    return names.DenseValues().Select(name => name.ToString());
                }

        """;
}
