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
using Microsoft.ML.VideoMae;

namespace VideoMaeCli;

/// <summary>The options that verbs share, named as in the tool <c>mlnet</c>.</summary>
internal sealed class CommonOptions
{
    private readonly Option<Verbosity> _verbosity = new("--verbosity", "-v")
    {
        Description = "How much is printed: q (results and warnings), m (epochs too) or diag (everything).",
        DefaultValueFactory = _ => Verbosity.M,
    };

    private readonly Option<FileInfo?> _log = new("--log-file-path") { Description = "A file that gets the whole log." };
    private readonly Option<int?> _seed = new("--seed") { Description = "The seed of everything random; random without one." };
    private readonly Option<string> _device = new("--device") { Description = "cpu, or cuda:0, cuda:1 ...", DefaultValueFactory = _ => "cpu" };

    public void AddTo(Command command)
    {
        command.Options.Add(_verbosity);
        command.Options.Add(_log);
        command.Options.Add(_seed);
        command.Options.Add(_device);
        _device.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !IsDevice(result.Tokens[0].Value, out int? _))
                result.AddError($"--device is '{result.Tokens[0].Value}'; it has to be cpu, cuda, or cuda: and a number.");
        });
    }

    public bool SaysEpochs(ParseResult result) => result.GetValue(_verbosity) != Verbosity.Q;

    /// <summary>A context that logs as asked.</summary>
    public MLContext CreateContext(ParseResult result)
    {
        var ml = new MLContext(result.GetValue(_seed));
        IsDevice(result.GetValue(_device)!, out int? device);
        ml.GpuDeviceId = device;
        Verbosity verbosity = result.GetValue(_verbosity);
        StreamWriter? file = result.GetValue(_log) is FileInfo path ? new StreamWriter(path.FullName, append: false, Encoding.UTF8) { AutoFlush = true } : null;
        ml.Log += (_, e) =>
        {
            bool isOurs = e.Source.Contains("VideoMae", StringComparison.Ordinal) || e.Source.Contains("Video", StringComparison.Ordinal);
            file?.WriteLine(e.Message);
            if (e.Kind == ChannelMessageKind.Warning || (isOurs && verbosity == Verbosity.Diag))
                Console.Error.WriteLine(e.Kind == ChannelMessageKind.Warning ? $"Warning: {e.RawMessage}" : e.RawMessage);
        };
        return ml;
    }

    private static bool IsDevice(string text, out int? device)
    {
        device = null;
        if (text == "cpu")
            return true;
        if (text == "cuda" || (text.StartsWith("cuda:", StringComparison.Ordinal) && int.TryParse(text.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            device = text == "cuda" ? 0 : int.Parse(text.AsSpan(5), CultureInfo.InvariantCulture);
            return true;
        }

        return false;
    }
}
