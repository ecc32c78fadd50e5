// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace VideoMaeCli.Generated;

/// <summary>Writes Name.evaluate.cs: how good the model is on other videos.</summary>
internal static class EvaluationCode
{
    /// <param name="name">The name of the model.</param>
    /// <param name="task">What it was trained for.</param>
    public static string Write(string name, VideoTask task) => $$"""
        // Written by 'videomae train': measures {{name}}.zip on labelled videos.
        #nullable enable

        using System;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        namespace VideoModels
        {
            public partial class {{CodeNames.ClassOf(name)}}
            {
                /// <summary>{{Told(task)}} of a saved model on a folder of class folders, or a CSV list with the columns path and label.</summary>
                public static {{MetricsOf(task)}} Evaluate(string modelPath, string dataPath)
                {
                    var mlContext = new MLContext();
                    ITransformer model = mlContext.Model.Load(modelPath, out DataViewSchema _);
                    try
                    {
                        return Evaluate(mlContext, model, LoadVideos(mlContext, dataPath));
                    }
                    finally
                    {
                        (model as IDisposable)?.Dispose();
                    }
                }

                /// <summary>{{Told(task)}} of a model on labelled videos.</summary>
                public static {{MetricsOf(task)}} Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
                    mlContext.{{TrainingCode.CatalogOf(task)}}.Evaluate(model.Transform(data));

                /// <summary>Writes metrics to the console.</summary>
                public static void PrintMetrics({{MetricsOf(task)}} metrics)
                {
                    {{Line(task)}}
                }
            }
        }

        """;

    private static string MetricsOf(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification => "CalibratedBinaryClassificationMetrics",
        VideoTask.Regression => "RegressionMetrics",
        _ => "MulticlassClassificationMetrics",
    };

    private static string Told(VideoTask task) => task == VideoTask.Regression ? "R squared and errors" : "Accuracy, log-loss and confusion";

    private static string Line(VideoTask task) => task switch
    {
        VideoTask.BinaryClassification =>
            "Console.WriteLine($\"Accuracy {metrics.Accuracy:0.000}, area under the ROC curve {metrics.AreaUnderRocCurve:0.000}, " +
            "log-loss {metrics.LogLoss:0.000}\");\n            Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());",
        VideoTask.Regression =>
            "Console.WriteLine($\"R squared {metrics.RSquared:0.000}, root mean squared error {metrics.RootMeanSquaredError}, " +
            "mean error {metrics.MeanAbsoluteError}\");",
        _ =>
            "Console.WriteLine($\"Accuracy {metrics.MicroAccuracy:0.000}, mean of the classes {metrics.MacroAccuracy:0.000}, " +
            "log-loss {metrics.LogLoss:0.000}\");\n            Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());",
    };
}
