// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The section of a card that says how the model is used, in Python and here.</summary>
internal static class HubCardUse
{
    /// <summary>The heading of the section.</summary>
    public const string Heading = "## Use";

    /// <summary>Why Python's transformers can't load a model, in sentences; null where it can.</summary>
    /// <remarks>A model of which it loads all weights has no entry here, even where its numbers are others there.</remarks>
    public static string? Obstacle(VideoMaePreTrainedModel model)
    {
        VideoMaeConfig config = model.Config;
        if (config.UseMeanFrameDifference)
        {
            return "Besides each frame, this model takes what differs from the mean frame of the clip, and computes that by itself. " +
                "Python's transformers has no such input and cannot load the model.";
        }

        string? head = model.Kind != ModelKind.Classification ? null
            : config.UseAttentivePooling ? "the tokens that a learned query attends to"
            : config.UseCellPooling ? "the place and the change of tokens" : null;
        return head is null ? null
            : $"The head of this model takes {head}. Python's transformers has no such head and cannot load it.";
    }

    /// <summary>The section.</summary>
    /// <param name="name">The name of the model's folder.</param>
    /// <param name="model">The model.</param>
    public static string Section(string name, VideoMaePreTrainedModel model)
    {
        string python = Obstacle(model) is string obstacle
            ? $"{obstacle}\n\n{Onnx(name, model)}" : $"```python\n{Transformers(name, model.Kind)}\n```\n";
        return $"\n{Heading}\n\n{python}\n```csharp\n{Here(name, model.Kind)}\n```\n".ReplaceLineEndings("\n");
    }

    private static string Transformers(string name, ModelKind kind) => kind switch
    {
        ModelKind.Classification => $"""
            from transformers import pipeline
            classify = pipeline("video-classification", model="{name}")
            print(classify("clip.mp4"))
            """,
        ModelKind.Base => $"""
            from transformers import VideoMAEModel
            encoder = VideoMAEModel.from_pretrained("{name}")
            tokens = encoder(pixel_values).last_hidden_state
            """,
        _ => $"""
            from transformers import VideoMAEForPreTraining
            model = VideoMAEForPreTraining.from_pretrained("{name}")
            loss = model(pixel_values, bool_masked_pos=mask).loss
            """,
    };

    /// <summary>How Python uses a model that its transformers can't load.</summary>
    private static string Onnx(string name, VideoMaePreTrainedModel model)
    {
        (string source, string options, string output) = model.Kind != ModelKind.Classification
            ? (name, " --onnx-output Features", "features")
            // A folder does not say that its numbers are of regression or of yes or no, which the .zip of the trainer does.
            : OutputActivations.Of(model.Config) == OutputActivation.None ? ($"{name}.zip", "", "logits") : (name, "", "probabilities");
        return $$"""
            Python runs it as an ONNX file. The tool of Microsoft.ML.VideoMae writes that file, which holds the processor as well:

            ```
            videomae convert "{{source}}" --output model.onnx --onnx-input Frames{{options}}
            ```

            ```python
            import numpy, onnxruntime
            session = onnxruntime.InferenceSession("model.onnx")
            frames = numpy.zeros((1, {{model.Config.NumFrames}}, 240, 320, 3), numpy.uint8)  # RGB frames of a clip, of any size
            print(session.run(["{{output}}"], {"frames": frames})[0])
            ```

            """;
    }

    private static string Here(string name, ModelKind kind) => kind switch
    {
        ModelKind.Classification => $"""
            using var classifier = new MLContext().Model.LoadVideoMae("{name}");
            var scores = classifier.Predict(MLVideo.CreateFromFile("clip.mp4"));
            Console.WriteLine(scores[0]);
            """,
        ModelKind.Base => $"""
            var ml = new MLContext();
            var features = ml.Transforms.LoadVideos("Video", "VideoPath")
                .Append(ml.Transforms.VideoMaeFeatures("Features", "Video", "{name}"));
            """,
        _ => $"""
            var ml = new MLContext();
            var trainer = ml.MulticlassClassification.Trainers.VideoMae(
                "Label", "Video", pretrainedModel: "{name}");
            """,
    };
}
