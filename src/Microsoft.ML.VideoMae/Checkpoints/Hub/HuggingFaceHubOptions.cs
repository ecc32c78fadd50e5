// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Globalization;
using System.IO;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Where models of the Hugging Face hub are kept and how they are fetched. Defaults come from the environment variables of its own tools.
/// </summary>
public sealed record HuggingFaceHubOptions
{
    /// <summary>The cache folder.</summary>
    /// <value>The default is HF_HUB_CACHE, else HF_HOME/hub, else XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub.</value>
    public string CacheFolder { get; init; } = HubEnvironment.CacheFolder();

    /// <summary>The address of the hub or of a mirror.</summary>
    /// <value>The default is HF_ENDPOINT, else https://huggingface.co.</value>
    public string Endpoint { get; init; } = HubEnvironment.Endpoint();

    /// <summary>
    /// The access token for private and gated repositories, or null. It is sent to <see cref="Endpoint"/> only, never to a host that is
    /// redirected to.
    /// </summary>
    /// <value>The default is HF_TOKEN.</value>
    public string? Token { get; init; } = HubEnvironment.Token();

    /// <summary>Whether only the cache is used and nothing is asked of the network.</summary>
    /// <value>The default is true where HF_HUB_OFFLINE is 1, true, yes or on.</value>
    public bool Offline { get; init; } = HubEnvironment.Offline();

    /// <summary>How long the server may take to answer a request.</summary>
    /// <value>The default is HF_HUB_ETAG_TIMEOUT in seconds, else 10 seconds.</value>
    public TimeSpan RequestTimeout { get; init; } = HubEnvironment.Seconds("HF_HUB_ETAG_TIMEOUT", 10);

    /// <summary>How long a download may stall before it is resumed with a new connection.</summary>
    /// <value>The default is HF_HUB_DOWNLOAD_TIMEOUT in seconds, else 30 seconds.</value>
    public TimeSpan StallTimeout { get; init; } = HubEnvironment.Seconds("HF_HUB_DOWNLOAD_TIMEOUT", 30);

    /// <summary>How long to wait for another process that is downloading the same file.</summary>
    /// <value>The default is one hour.</value>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often a request or a broken download is tried in all.</summary>
    /// <value>The default is 5.</value>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>Is told how far a download is, at most about ten times a second. The default, null, tells nobody.</summary>
    public IProgress<HubProgress>? Progress { get; init; }

    /// <summary>
    /// Is told what a user should know, such as that a cached copy is used because the hub cannot be reached. The default, null, tells
    /// nobody.
    /// </summary>
    public Action<string>? Log { get; init; }

    /// <summary>The pause after the first failed attempt; doubled after each further one.</summary>
    internal TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    internal void ThrowIfInvalid()
    {
        var problems = new ProblemList();
        problems.Require(!string.IsNullOrWhiteSpace(CacheFolder), "CacheFolder is empty; give a folder, or set HF_HOME.");
        problems.Require(
            Uri.TryCreate(Endpoint, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("http" or "https"),
            $"Endpoint is '{Endpoint}'; it must be an address that starts with https:// or http:// (environment variable HF_ENDPOINT).");
        CheckTime(nameof(RequestTimeout), RequestTimeout);
        CheckTime(nameof(StallTimeout), StallTimeout);
        CheckTime(nameof(LockTimeout), LockTimeout);
        problems.Range(nameof(MaxAttempts), MaxAttempts, 1, 100);
        problems.Require(
            !Token.AsSpan().ContainsAnyExceptInRange('!', '~'),
            "Token holds characters that a token cannot have, such as a space or a line break (environment variable HF_TOKEN).");
        problems.ThrowIfAny("The settings of the Hugging Face hub are invalid");

        void CheckTime(string name, TimeSpan value) => problems.Require(
            value > TimeSpan.Zero && value <= TimeSpan.FromDays(20), $"{name} is {value}; it must be positive and at most 20 days.");
    }
}

/// <summary>How far the download of one file is.</summary>
/// <param name="ModelId">The repository, <c>org/name</c>.</param>
/// <param name="File">The file's name in the repository.</param>
/// <param name="BytesDone">The bytes there are, those of an earlier, interrupted download included.</param>
/// <param name="BytesTotal">The size of the file, or null where the server does not say.</param>
public readonly record struct HubProgress(string ModelId, string File, long BytesDone, long? BytesTotal);

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
