// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints.Hub;

/// <summary>Models are found in the cache that Hugging Face's own tools fill, without network.</summary>
[TestClass]
[DoNotParallelize] // the environment belongs to the process
public sealed class HubModelTests
{
    private const string Revision = "0123456789abcdef0123456789abcdef01234567";

    private string _cache = "";
    private string? _before;

    [TestInitialize]
    public void MakeCache()
    {
        _cache = TestClips.NewFolder();
        string repository = Path.Combine(_cache, "models--some-org--tiny");
        string snapshot = Path.Combine(repository, "snapshots", Revision);
        Directory.CreateDirectory(snapshot);
        Directory.CreateDirectory(Path.Combine(repository, "refs"));
        File.WriteAllText(Path.Combine(repository, "refs", "main"), Revision);
        foreach (string file in (string[])["config.json", "model.safetensors", "preprocessor_config.json"])
            File.Copy(ReferenceFiles.Path($"tiny/classification/{file}"), Path.Combine(snapshot, file));
        _before = Environment.GetEnvironmentVariable("HF_HUB_CACHE");
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", _cache);
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", "1");
    }

    [TestCleanup]
    public void Restore()
    {
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", _before);
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", null);
        Directory.Delete(_cache, recursive: true);
    }

    [TestMethod]
    public void CachedId_LoadsOffline()
    {
        using VideoMaeForVideoClassification model = VideoMaeForVideoClassification.FromPretrained("some-org/tiny");
        Assert.IsTrue(model.LoadReport!.IsComplete, model.LoadReport.ToString());
    }

    [TestMethod]
    public void UncachedId_IsAClearErrorOffline() =>
        StringAssert.Contains(
            Assert.ThrowsExactly<HubException>(() => VideoMaeModel.FromPretrained("some-org/other")).Message, "some-org/other");
}
