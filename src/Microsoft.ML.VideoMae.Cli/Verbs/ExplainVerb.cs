// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using VideoMaeCli.Scoring;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae explain</c>: where a classifier looked, or what its answer rests on.</summary>
internal static class ExplainVerb
{
    private const int Shown = 5;

    /// <summary>How it is found out.</summary>
    private enum Method
    {
        /// <summary>Where the attention of a transformer goes.</summary>
        Attention,

        /// <summary>What the answer loses where a place is hidden.</summary>
        Occlusion,
    }

    public static Command Create()
    {
        var common = new CommonOptions();
        var model = new Argument<string>("model")
        {
            Description =
                "A model: a .zip, or a checkpoint, which is a folder, a .safetensors, .bin, .pth or .ckpt file, or a hub id."
        };
        var video = new Argument<string>("video") { Description = "The video." };
        var output = new Option<FileInfo>("--output", "-o") { Required = true, Description = "The PNG file." };
        var method = new Option<Method?>("--method")
        {
            Description = "Attention draws where a transformer looked. Occlusion hides each place in turn, for any model. The default " +
                "is attention for a transformer, and occlusion for what else a search may have taken.",
        };
        var command = new Command("explain", "Draws where a classifier looked (attention rollout), or what the answer of a model rests on " +
            "(occlusion).\n\nExample: videomae explain actions.zip clip.mp4 --output clip.png") { model, video, output, method };
        common.AddTo(command);
        command.SetAction((result, stop) =>
        {
            MLContext ml = common.CreateContext(result);
            string file = result.GetValue(model)!, path = result.GetValue(video)!, png = result.GetValue(output)!.FullName;
            ITransformer loaded = ModelFile.LoadAny(ml, file);
            VideoMaeClassificationTransformer? network = ModelFile.TryFind<VideoMaeClassificationTransformer>(loaded);
            // An average has a transformer and more: attention would tell of a part of it.
            bool isWhole = network is not null && !ModelFile.All(loaded).Any(t => t is VideoFeaturizingTransformer or VideoMaeFeaturizingTransformer);
            IEnumerable<KeyValuePair<string, float>> told = (result.GetValue(method) ?? (isWhole ? Method.Attention : Method.Occlusion)) switch
            {
                Method.Attention => Attention(
                    ml, loaded, network ?? throw new InvalidDataException($"'{file}' holds no transformer to ask where it looked. Leave " +
                        "--method out, or give it occlusion."), file, path, png),
                _ => Occlusion(ml, loaded, file, path, png, stop),
            };
            foreach ((string name, float value) in told.Take(Shown))
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value:0.000} {name}"));
            return Task.FromResult(0);
        });
        return command;
    }

    private static IEnumerable<KeyValuePair<string, float>> Attention(
        MLContext ml, ITransformer model, VideoMaeClassificationTransformer network, string file, string path, string png)
    {
        VideoMaeExplanation explanation = network.Explain(MLVideo.CreateFromFile(path));
        explanation.SavePng(png);
        return Named(ml, model, file, path, explanation);
    }

    private static IReadOnlyList<KeyValuePair<string, float>> Occlusion(
        MLContext ml, ITransformer model, string file, string path, string png, CancellationToken stop)
    {
        // What comes after the file was named: it is given frames.
        ITransformer[] steps = [.. ModelFile.All(model)];
        int loading = Array.FindIndex(steps, s => s is VideoLoadingTransformer);
        if (loading < 0)
            throw new InvalidDataException($"'{file}' does not read videos from files.");
        var explained = new TransformerChain<ITransformer>(steps[(loading + 1)..]);
        var options = new VideoOcclusionOptions { CancellationToken = stop };
        var video = MLVideo.CreateFromFile(path);
        VideoOcclusion occlusion = new VideoScorer(ml, model, file).Task switch
        {
            VideoTask.Regression => ml.Regression.ExplainVideo(explained, video, options),
            VideoTask.BinaryClassification => ml.BinaryClassification.ExplainVideo(explained, video, options),
            _ => ml.MulticlassClassification.ExplainVideo(explained, video, options),
        };
        occlusion.SavePng(png);
        return occlusion.Prediction;
    }

    /// <summary>
    /// The probabilities by the names that the tool shows. Where two classes share one, the prediction does not say which is which, and the
    /// video is scored again.
    /// </summary>
    private static IEnumerable<KeyValuePair<string, float>> Named(MLContext ml, ITransformer model, string file, string path,
        VideoMaeExplanation explanation)
    {
        if (explanation.Prediction.DistinctBy(p => p.Key).Count() == explanation.Prediction.Count)
            return explanation.Prediction;
        var scorer = new VideoScorer(ml, model, file);
        (float[]? scores, _) = scorer.ScoreRows([new VideoInput { VideoPath = path }]).Single();
        return scorer.Classes.Zip(scores!, (name, score) => new KeyValuePair<string, float>(name, score)).OrderByDescending(p => p.Value);
    }
}
