// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>The environment variables of Hugging Face's own tools.</summary>
internal static class HubEnvironment
{
    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    public static string CacheFolder()
    {
        if (Get("HF_HUB_CACHE") is { } cache)
            return Expand(cache);
        if (Get("HF_HOME") is { } home)
            return Path.Combine(Expand(home), "hub");
        string root = Get("XDG_CACHE_HOME") is { } xdg ? Expand(xdg) : Path.Combine(Home, ".cache");
        return Path.Combine(root, "huggingface", "hub");
    }

    public static string Endpoint() => Get("HF_ENDPOINT") ?? "https://huggingface.co";

    public static string? Token() => Get("HF_TOKEN");

    public static bool Offline() => Get("HF_HUB_OFFLINE")?.ToLowerInvariant() is "1" or "true" or "yes" or "on";

    public static TimeSpan Seconds(string variable, double otherwise) =>
        double.TryParse(Get(variable), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 1e6
            ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.FromSeconds(otherwise);

    // As Hugging Face's tools do, for values that no shell has expanded.
    private static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Path.Join(Home, path.AsSpan(1)) : path;

    private static string? Get(string variable) =>
        Environment.GetEnvironmentVariable(variable)?.Trim() is { Length: > 0 } value ? value : null;
}
