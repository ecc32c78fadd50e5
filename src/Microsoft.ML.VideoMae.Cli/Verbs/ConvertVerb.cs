// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Processing;
using static TorchSharp.torch;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae convert</c>: between ML.NET models and checkpoints.</summary>
internal sealed class ConvertVerb
{
    private const string Zip = "zip";
    private const string Onnx = "onnx";
    private const string Folder = "folder";
    private const string HuggingFace = "huggingface";
    private const string Original = "original";

    private readonly CommonOptions _common = new();
    private readonly Argument<string> _model = new("model")
    {
        Description = "A .zip; or a checkpoint of Hugging Face's or the original's: a folder, a " +
            ".safetensors, .bin, .pth or .ckpt file, a zip of a folder, or a hub id."
    };
    private readonly Option<string> _output = new("--output", "-o")
    {
        Required = true,
        Description = "A .zip for ML.NET, a .onnx file, a .pth file with the original's names, or a folder in Hugging Face's layout."
    };
    private readonly Option<string?> _to =
        new("--to")
        {
            Description = "zip, onnx, original, or folder (huggingface is the same); without it the ending of the output's name decides."
        };
    private readonly Option<WeightStorage> _precision =
        new("--precision") { Description = "How the weights are stored; an ONNX model with Float16 computes in it as well." };
    private readonly Option<OnnxInput> _onnxInput = new("--onnx-input")
    {
        Description = "What an ONNX model takes: PixelValues of a processor, or 8-bit Frames of any size, with the processor inside."
    };
    private readonly Option<OnnxOutput> _onnxOutput = new("--onnx-output")
    {
        Description = "What an ONNX model gives: its Own output (classes, or a reconstruction), or Features."
    };
    private readonly Option<int> _onnxLayer = new("--onnx-feature-layer")
    {
        Description = "The block that Features are taken from, from 1; 0, the default, is the last one."
    };

    private readonly Option<string?> _shard = new("--max-shard-size")
    {
        Description = "What the weights of one file of a folder may have, such as 500MB; more are spread over several. The default is 5GB."
    };
    private readonly Option<string?> _license = new("--license")
    {
        Description = "The licence in a folder's card, as the hub names it, such as mit. The default is that of the checkpoint."
    };
    private readonly Option<string[]> _datasets = new("--dataset-id")
    {
        AllowMultipleArgumentsPerToken = true,
        Description = "The data sets in a folder's card, by their ids on the hub. The default is those of the checkpoint.",
    };

    public static Command Create() => new ConvertVerb().CreateCommand();

    private Command CreateCommand()
    {
        _to.AcceptOnlyFromAmong(Zip, Onnx, Original, Folder, HuggingFace);
        var command = new Command("convert", """
            Converts a checkpoint of Hugging Face's or the original's (MCG-NJU) to an ML.NET .zip, an ONNX model,
            a .pth of the original's or Hugging Face's layout, or a .zip to one of the last three.
            Only fine-tuned models become a .zip. Any model becomes an ONNX model: of classes, of a reconstruction, of features.

            Examples:
              videomae convert MCG-NJU/videomae-base-finetuned-kinetics --output kinetics.zip
              videomae convert actions.zip --output actions-checkpoint --precision Float16
              videomae convert checkpoint.pth --output converted --license mit --max-shard-size 2GB
              videomae convert actions.zip --to original --output actions.pth
              videomae convert actions.zip --output actions.onnx --onnx-input Frames --precision Float16
            """)
        {
            _model, _output, _to, _precision, _shard, _license, _datasets, _onnxInput, _onnxOutput,
            _onnxLayer,
        };
        _common.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private int Run(ParseResult result)
    {
        MLContext ml = _common.CreateContext(result);
        string path = result.GetValue(_model)!, target = result.GetValue(_output)!;
        WeightStorage precision = result.GetValue(_precision);
        string kind = result.GetValue(_to) ?? KindOf(target);
        PretrainedSaveOptions options = OptionsOf(result, kind);
        if (kind == Zip)
            ToZip(ml, path, target, precision);
        else if (kind == Onnx)
            ToOnnx(ml, path, target, OnnxOptionsOf(result));
        else if (ModelFile.IsZip(path))
            FromZip(ml, path, target, kind, precision, options);
        else
            FromCheckpoint(path, target, kind, precision, options);
        Console.WriteLine($"Saved {target}.");
        return ExitCode.Done;
    }

    private PretrainedSaveOptions OptionsOf(ParseResult result, string kind)
    {
        Refuse("a folder", kind is Folder or HuggingFace, _shard, _license, _datasets);
        Refuse("an ONNX model", kind == Onnx, _onnxInput, _onnxOutput, _onnxLayer);
        var options = new PretrainedSaveOptions
        {
            License = result.GetValue(_license),
            Datasets = result.GetValue(_datasets) ?? [],
        };
        return result.GetValue(_shard) is string size ? options with { MaxShardBytes = Bytes(size) } : options;

        void Refuse(string what, bool isWritten, params Option[] ofIt)
        {
            if (!isWritten && Array.Find(ofIt, option => result.GetResult(option) is { Implicit: false }) is Option option)
                throw new ArgumentException($"{option.Name} is for {what}, and '{kind}' is written. Leave it out.");
        }
    }

    private OnnxExportOptions OnnxOptionsOf(ParseResult result) => new()
    {
        Input = result.GetValue(_onnxInput),
        Output = result.GetValue(_onnxOutput),
        FeatureLayer = result.GetValue(_onnxLayer),
        Precision = result.GetValue(_precision),
    };

    /// <summary>A number of bytes, as Python's save_pretrained takes it: thousands, not 1,024s.</summary>
    private static long Bytes(string text)
    {
        (string Unit, double Bytes)[] units = [("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("B", 1), ("", 1)];
        (string unit, double bytes) = units.First(u => text.EndsWith(u.Unit, StringComparison.OrdinalIgnoreCase));
        return double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
            && count * bytes is >= 1 and < long.MaxValue ? (long)(count * bytes)
            : throw new ArgumentException($"--max-shard-size is '{text}'; give a size above 0 such as 500MB or 5GB.");
    }

    private static string KindOf(string target) => Path.GetExtension(target).ToLowerInvariant() switch
    {
        ".zip" => Zip,
        ".onnx" => Onnx,
        ".pth" => Original,
        _ => Folder,
    };

    private static void ToZip(MLContext ml, string path, string target, WeightStorage precision)
    {
        if (ModelFile.IsZip(path))
            throw new ArgumentException($"'{path}' and '{target}' are both ML.NET models: there is nothing to convert. Give a folder as " +
                "--output, and convert that back.");
        using PretrainedFiles files = ModelFile.Checkpoint(path);
        using VideoMaeClassificationTransformer scoring = ml.Model.LoadVideoMae(files.WeightsPath, weightStorage: precision);
        TransformerChain<ITransformer> chain = ModelFile.WithVideos(ml, scoring);
        OutputFile.Write(target, file => ml.Model.Save(chain, ModelFile.Rows(ml, []).Schema, file));
    }

    private static void ToOnnx(MLContext ml, string path, string target, OnnxExportOptions options)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
        if (ModelFile.IsZip(path))
        {
            ITransformer loaded = ModelFile.Load(ml, path);
            using var disposal = loaded as IDisposable;
            ml.Model.SaveVideoOnnx(loaded, target, options);
            return;
        }

        using PretrainedFiles files = ModelFile.Checkpoint(path);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(files.WeightsPath);
        if (model is VideoMaeForVideoClassification)
        {
            // It says which frames make a clip as well.
            using VideoMaeClassificationTransformer classifier = ml.Model.LoadVideoMae(files.WeightsPath);
            classifier.SaveOnnx(target, options);
        }
        else
        {
            model.SaveOnnx(target, options, ModelFile.ProcessorOf(files));
        }
    }

    private static void FromZip(
        MLContext ml, string path, string target, string kind, WeightStorage precision, PretrainedSaveOptions options)
    {
        ITransformer model = ModelFile.Load(ml, path);
        using var scoring = ModelFile.Find<VideoMaeScoringTransformer>(model, path, "VideoMAE model");
        string[] left = [.. ModelFile.All(model)
            .Where(s => s != scoring && s is VideoMaeScoringTransformer or VideoFeaturizingTransformer or ISingleFeaturePredictionTransformer<object>)
            .Select(s => s.GetType().Name)];
        if (left.Length > 0)
        {
            Console.Error.WriteLine($"Warning: the checkpoint has the VideoMAE model of '{path}' alone. A checkpoint has no place for what " +
                $"else decides there: {string.Join(", ", left)}.");
        }

        if (kind == Original)
            OutputFile.Write(target, file => scoring.SaveOriginal(file, precision));
        else
            scoring.SavePretrained(target, precision, options);
    }

    /// <summary>Any kind of checkpoint: what is loaded is written with the other's names.</summary>
    private static void FromCheckpoint(
        string path, string target, string kind, WeightStorage precision, PretrainedSaveOptions options)
    {
        using PretrainedFiles files = ModelFile.Checkpoint(path);
        using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(files.WeightsPath);
        ScalarType type = precision switch
        {
            WeightStorage.Float16 => ScalarType.Float16,
            WeightStorage.BFloat16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };
        IReadOnlyList<string> notes = [];
        if (kind == Original)
        {
            OutputFile.Write(target, file => notes = model.SaveOriginal(file, type));
        }
        else
        {
            notes = model.SavePretrained(target, type, options: options);
            if (ModelFile.ProcessorOf(files) is VideoMaeImageProcessor processor)
            {
                processor.SavePretrained(target);
                new VideoMaeVideoProcessor(processor.Options).SavePretrained(target);
            }
        }

        foreach (string note in notes)
            Console.Error.WriteLine($"Warning: {note}");
    }
}
