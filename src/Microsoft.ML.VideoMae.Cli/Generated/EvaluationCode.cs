// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace VideoMaeCli.Generated;

/// <summary>Writes Name.evaluate.cs: how good the model is on other videos.</summary>
internal static class EvaluationCode
{
    public static string Write(string name) => $$"""
        // Written by 'videomae train': measures {{name}}.zip on labelled videos.
        #nullable enable

        using System;
        using Microsoft.ML;
        using Microsoft.ML.Data;

        namespace VideoModels
        {
            public partial class {{CodeNames.ClassOf(name)}}
            {
                /// <summary>Accuracy, log-loss and confusion of a saved model on a folder of class folders, or a CSV list with the columns path and label.</summary>
                public static MulticlassClassificationMetrics Evaluate(string modelPath, string dataPath)
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

                /// <summary>Accuracy, log-loss and confusion of a model on labelled videos.</summary>
                public static MulticlassClassificationMetrics Evaluate(MLContext mlContext, ITransformer model, IDataView data) =>
                    mlContext.MulticlassClassification.Evaluate(model.Transform(data));

                /// <summary>Writes metrics to the console.</summary>
                public static void PrintMetrics(MulticlassClassificationMetrics metrics)
                {
                    Console.WriteLine($"Accuracy {metrics.MicroAccuracy:0.000}, mean of the classes {metrics.MacroAccuracy:0.000}, log-loss {metrics.LogLoss:0.000}");
                    Console.WriteLine(metrics.ConfusionMatrix.GetFormattedConfusionTable());
                }
            }
        }

        """;
}
