// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;

namespace VideoMaeCli;

/// <summary>The options that verbs share, named as in the tool <c>mlnet</c>.</summary>
internal sealed class CommonOptions
{
    private readonly Option<Verbosity> _verbosity = new("--verbosity", "-v")
    {
        Description = "How much is printed: q (results and warnings), m (epochs too) or diag (everything, and whole exceptions).",
        DefaultValueFactory = _ => Verbosity.M,
    };

    private readonly Option<FileInfo?> _log = new("--log-file-path") { Description = "A file that gets the whole log." };
    private readonly Option<int?> _seed = new("--seed") { Description = "The seed of everything random." };
    private readonly Option<string> _device = new("--device")
    {
        Description = "cpu, or cuda:0, cuda:1 ...",
        DefaultValueFactory = _ => "cpu"
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_verbosity);
        command.Options.Add(_log);
        command.Options.Add(_seed);
        command.Options.Add(_device);
        _device.CompletionSources.Add("cpu", "cuda:0");
        _device.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !TryParseDevice(result.Tokens[0].Value, out int? _))
                result.AddError($"--device is '{result.Tokens[0].Value}'; it has to be cpu, cuda, or cuda: and a number.");
        });
    }

    public Verbosity VerbosityOf(ParseResult result) => result.GetValue(_verbosity);

    /// <summary>The seed on the command line; null without one.</summary>
    public int? SeedOf(ParseResult result) => result.GetValue(_seed);

    /// <summary>The device on the command line; null without one.</summary>
    public string? DeviceOf(ParseResult result) => result.GetResult(_device) is { Implicit: false } ? result.GetValue(_device) : null;

    /// <summary>A context that logs as asked, where there is a libtorch to work with.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="note">Gets warnings and what a run chooses; null is the standard error.</param>
    /// <param name="seed">A seed from elsewhere than the command line.</param>
    /// <param name="device">A device from elsewhere than the command line.</param>
    /// <exception cref="DllNotFoundException">There is no libtorch.</exception>
    public MLContext CreateContext(ParseResult result, Action<string>? note = null, int? seed = null, string? device = null)
    {
        NativeTorch.Check();
        TryParseDevice(device ?? result.GetValue(_device)!, out int? gpu);
        var ml = new MLContext(seed ?? result.GetValue(_seed)) { GpuDeviceId = gpu };
        Verbosity verbosity = result.GetValue(_verbosity);
        // Of processes that were started together, the first one speaks: the library brings it the warnings of the others.
        bool isFirst = ProcessGroup.Current.IsFirst;
        StreamWriter? file = isFirst && result.GetValue(_log) is FileInfo path ? OpenLog(path) : null;
        note ??= isFirst ? Console.Error.WriteLine : static _ => { };
        ml.Log += (_, e) =>
        {
            if (file is not null)
            {
                lock (file)
                    file.WriteLine(e.Message);
            }

            if (e.Kind == ChannelMessageKind.Warning)
                note($"Warning: {e.RawMessage}");
            else if (IsSaid(e, verbosity))
                note(e.RawMessage);
        };
        return ml;
    }

    /// <summary>Reads cpu, cuda or cuda:N.</summary>
    public static bool TryParseDevice(string text, out int? device)
    {
        device = null;
        if (text == "cpu")
            return true;
        if (text == "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            device = text == "cuda" ? 0 : int.Parse(text.AsSpan(5), CultureInfo.InvariantCulture);
            return true;
        }

        return false;
    }

    /// <summary>
    /// What trainers choose is worth a line, and what was guessed of a list or chosen for a checkpoint; epochs are shown elsewhere, and the
    /// rest is for diag.
    /// </summary>
    private static bool IsSaid(LoggingEventArgs e, Verbosity verbosity)
    {
        bool isLayout = e.Kind == ChannelMessageKind.Info && e.Source.Contains("Layout of a list", StringComparison.Ordinal);
        bool isSampling = e.Kind == ChannelMessageKind.Info && e.RawMessage.StartsWith("Frames are sampled as ", StringComparison.Ordinal);
        bool isTraining = e.Kind == ChannelMessageKind.Info && e.Source.StartsWith("VideoMae", StringComparison.Ordinal)
            && e.Source.Contains("Training", StringComparison.Ordinal);
        return !e.RawMessage.StartsWith("Epoch ", StringComparison.Ordinal)
            && (verbosity == Verbosity.Diag
                ? e.Source.Contains("Video", StringComparison.Ordinal)
                : verbosity == Verbosity.M && (isTraining || isLayout || isSampling));
    }

    private static StreamWriter OpenLog(FileInfo path)
    {
        Directory.CreateDirectory(path.DirectoryName!);
        return new StreamWriter(path.FullName, append: false, Encoding.UTF8) { AutoFlush = true };
    }
}

/// <summary>How much is said, named as in the tool <c>mlnet</c>.</summary>
internal enum Verbosity
{
    /// <summary>Results and warnings.</summary>
    Q,

    /// <summary>Epochs too.</summary>
    M,

    /// <summary>All that ML.NET logs from this package, and whole exceptions.</summary>
    Diag,
}
