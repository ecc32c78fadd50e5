// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using VideoMaeCli.Verbs;

namespace VideoMaeCli;

/// <summary>The tool <c>videomae</c>: thin verbs over the library.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        var root = new RootCommand("Trains and uses VideoMAE video transformers with ML.NET.")
        {
            TrainVerb.Create(), PretrainVerb.Create(), EvaluateVerb.Create(), PredictVerb.Create(), FeaturesVerb.Create(),
            ReconstructVerb.Create(), ExplainVerb.Create(), InspectVerb.Create(), ConvertVerb.Create(), VerifyVerb.Create(),
            ValidateVerb.Create(), BenchmarkVerb.Create(), GenerateVerb.Create(), CompletionVerb.Create(),
        };
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            // The first Ctrl+C lets the run end in order; the second ends the program.
            if (stop.IsCancellationRequested)
                return;
            e.Cancel = true;
            Console.Error.WriteLine("Stopping; what was reached so far is kept. Press Ctrl+C again to stop at once.");
            stop.Cancel();
        };
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
            Console.Error.WriteLine(isDiagnosing ? e.ToString() : ErrorText.Of(e));
            return ExitCode.Failed;
        }
    }
}
