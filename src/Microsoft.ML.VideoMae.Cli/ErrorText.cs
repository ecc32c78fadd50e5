// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Reflection;

namespace VideoMaeCli;

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
