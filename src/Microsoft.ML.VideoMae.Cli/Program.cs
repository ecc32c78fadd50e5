// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using VideoMaeCli.Verbs;

namespace VideoMaeCli;

/// <summary>The tool <c>videomae</c>: thin verbs over the library.</summary>
internal static class Program
{
    /// <summary>The number of a process for which another one speaks that mpirun started with it; null in all others.</summary>
    private static string? HelperRank
    {
        get
        {
            string? rank = Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_RANK") ?? Environment.GetEnvironmentVariable("PMI_RANK");
            return rank == "0" ? null : rank;
        }
    }

    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Trains and uses VideoMAE video transformers with ML.NET.")
        {
            TrainVerb.Create(), PretrainVerb.Create(), EvaluateVerb.Create(), PredictVerb.Create(), TimelineVerb.Create(),
            FeaturesVerb.Create(),
            ReconstructVerb.Create(), ExplainVerb.Create(), InspectVerb.Create(), ConvertVerb.Create(), VerifyVerb.Create(),
            ValidateVerb.Create(), CompareVerb.Create(), BenchmarkVerb.Create(), GenerateVerb.Create(), ModelsVerb.Create(),
            CompletionVerb.Create(), MergeVerb.Create(),
        };
        using var stop = new CancellationTokenSource();
        // The first Ctrl+C lets the run end in order; the second ends the program. Schedulers, and mpirun at Ctrl+C, ask with SIGTERM.
        bool Stop(string how)
        {
            if (stop.IsCancellationRequested)
                return false;
            if (HelperRank is null)
                Console.Error.WriteLine($"Stopping; what was reached so far is kept. {how}");
            stop.Cancel();
            return true;
        }

        Console.CancelKeyPress += (_, e) => e.Cancel = Stop("Press Ctrl+C again to stop at once.");
        using var terminated = PosixSignalRegistration.Create(
            PosixSignal.SIGTERM, context => context.Cancel = Stop("Another signal stops at once."));
        try
        {
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return await root.Parse(args).InvokeAsync(configuration, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Cancelled.");
            return ExitCode.Cancelled;
        }
        catch (Exception e)
        {
            bool isDiagnosing = args.SkipWhile(a => a is not ("--verbosity" or "-v")).Skip(1)
                .FirstOrDefault()?.StartsWith("diag", StringComparison.OrdinalIgnoreCase) == true;
            string rank = HelperRank is string number ? $"Rank {number}: " : "";
            Console.Error.WriteLine(rank + (isDiagnosing ? e.ToString() : ErrorText.Of(e)));
            return ExitCode.Failed;
        }
    }
}

/// <summary>What the tool tells the shell.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>An error, which is one line on the standard error.</summary>
    public const int Failed = 1;

    /// <summary>Done, but some videos could not be read, or something was found that should not be, or is out of tolerance.</summary>
    public const int SomethingWrong = 3;

    /// <summary>As shells report a program that Ctrl+C ended.</summary>
    public const int Cancelled = 130;
}

/// <summary>One line that says what went wrong, as a user needs it.</summary>
internal static class ErrorText
{
    /// <summary>The message that names the cause: wrappers that only say that something failed are left out.</summary>
    public static string Of(Exception error)
    {
        while (error is TypeInitializationException or TargetInvocationException or AggregateException && error.InnerException is not null)
            error = error.InnerException;
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is DllNotFoundException or BadImageFormatException)
                return $"A native library could not be loaded: {OneLine(cause.Message)} {NativeTorch.Advice}";
            // TorchSharp's message is its whole search, and names packages to someone who has a tool.
            if (cause is NotSupportedException { Source: "TorchSharp" } && cause.Message.Contains("libtorch", StringComparison.Ordinal))
                return $"libtorch could not be loaded. {NativeTorch.Advice}";
        }

        string message = OneLine(error.Message);
        // ArgumentException says the name of a parameter, which means nothing to someone at a command line.
        int parameter = message.LastIndexOf(" (Parameter '", StringComparison.Ordinal);
        return parameter < 0 ? message : message[..parameter];
    }

    private static string OneLine(string text) =>
        string.Join(" ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
