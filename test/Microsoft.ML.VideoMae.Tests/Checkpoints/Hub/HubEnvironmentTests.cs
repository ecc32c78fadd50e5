// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
[DoNotParallelize]    // the environment belongs to the process
public sealed class HubEnvironmentTests : IDisposable
{
    private static readonly string[] s_names =
    [
        "HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HF_ENDPOINT", "HF_TOKEN", "HF_HUB_OFFLINE", "HF_HUB_ETAG_TIMEOUT",
        "HF_HUB_DOWNLOAD_TIMEOUT"];

    private readonly Dictionary<string, string?> _before = s_names.ToDictionary(n => n, Environment.GetEnvironmentVariable);

    public HubEnvironmentTests()
    {
        foreach (string name in s_names)
            Environment.SetEnvironmentVariable(name, null);
    }

    public void Dispose()
    {
        foreach ((string name, string? value) in _before)
            Environment.SetEnvironmentVariable(name, value);
    }

    [TestMethod]
    public void CacheFolder_FollowsTheOrderOfTheVariables()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.AreEqual(Path.Combine(home, ".cache", "huggingface", "hub"), new HuggingFaceHubOptions().CacheFolder);
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", "xdg");
        Assert.AreEqual(Path.Combine("xdg", "huggingface", "hub"), new HuggingFaceHubOptions().CacheFolder);
        Environment.SetEnvironmentVariable("HF_HOME", "~/hf");
        Assert.AreEqual(Path.Combine(home, "hf", "hub"), new HuggingFaceHubOptions().CacheFolder);
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", "cache");
        Assert.AreEqual("cache", new HuggingFaceHubOptions().CacheFolder);
    }

    [TestMethod]
    public void Options_ComeFromTheEnvironment()
    {
        var defaults = new HuggingFaceHubOptions();
        Assert.AreEqual(("https://huggingface.co", null, false, 10.0, 30.0),
            (defaults.Endpoint, defaults.Token, defaults.Offline, defaults.RequestTimeout.TotalSeconds, defaults.StallTimeout.TotalSeconds)
        );

        Environment.SetEnvironmentVariable("HF_ENDPOINT", "https://mirror.example");
        Environment.SetEnvironmentVariable("HF_TOKEN", " hf_x\n");
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "True");
        Environment.SetEnvironmentVariable("HF_HUB_ETAG_TIMEOUT", "2.5");
        Environment.SetEnvironmentVariable("HF_HUB_DOWNLOAD_TIMEOUT", "nonsense");
        var options = new HuggingFaceHubOptions();
        Assert.AreEqual(("https://mirror.example", "hf_x", true, 2.5, 30.0),
            (options.Endpoint, options.Token, options.Offline, options.RequestTimeout.TotalSeconds, options.StallTimeout.TotalSeconds));
    }
}
