// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae evaluate</c>: a model on labelled videos.</summary>
internal static class EvaluateVerb
{
    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model") { Description = "The .zip of a classifier." };
        var dataset = new Option<string>("--dataset") { Required = true, Description = "Labelled videos: a folder of class folders, or a CSV file. Of one with splits, the test videos are taken." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("evaluate", "Evaluates a classifier.\n\nExample: videomae evaluate actions.zip --dataset more-actions") { model, dataset, json };
        common.AddTo(command);
        command.SetAction(result =>
        {
            MLContext ml = common.CreateContext(result);
            ITransformer transformer = ModelFile.Load(ml, result.GetValue(model)!);
            (IDataView train, _, IDataView? test) = DatasetLoader.Split(ml, DatasetLoader.Load(ml, result.GetValue(dataset)!));
            MulticlassClassificationMetrics metrics = ml.MulticlassClassification.Evaluate(transformer.Transform(test ?? train));
            if (result.GetValue(json))
                Console.WriteLine(MetricsReport.ToJson(metrics, test is null ? "all" : "test"));
            else
                MetricsReport.Print(metrics);
            return 0;
        });
        return command;
    }
}
