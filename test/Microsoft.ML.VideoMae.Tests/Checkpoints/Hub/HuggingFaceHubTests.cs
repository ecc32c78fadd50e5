// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

[TestClass]
public sealed class HuggingFaceHubTests : IDisposable
{
    private const string Weights = "model.safetensors";

    private readonly FakeHub _hub = new();
    private readonly byte[] _weights = new byte[500_000];

    public HuggingFaceHubTests()
    {
        new Random(1).NextBytes(_weights);
        _hub.Files["config.json"] = Encoding.UTF8.GetBytes("{}");
        _hub.Files["preprocessor_config.json"] = Encoding.UTF8.GetBytes("""{"size": 32}""");
        _hub.Files[Weights] = _weights;
    }

    public void Dispose() => _hub.Dispose();

    [TestMethod]
    public void Resolve_Downloads_InTheLayoutOfTheCache()
    {
        string folder = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);

        string root = Path.Combine(_hub.CacheFolder, "models--org--tiny-model");
        Assert.AreEqual(Path.Combine(root, "snapshots", FakeHub.Commit), folder);
        Assert.AreEqual(FakeHub.Commit, File.ReadAllText(Path.Combine(root, "refs", "main")));
        CollectionAssert.AreEqual(_weights, File.ReadAllBytes(Path.Combine(folder, Weights)));
        string hash = FakeHub.Hash(Weights, _weights);
        Assert.AreEqual(Path.Combine("..", "..", "blobs", hash), new FileInfo(Path.Combine(folder, Weights)).LinkTarget);
        CollectionAssert.AreEquivalent(
            _hub.Files.Select(f => FakeHub.Hash(f.Key, f.Value)).ToArray(),
            Directory.GetFiles(Path.Combine(root, "blobs")).Select(Path.GetFileName).ToArray());
        CollectionAssert.AreEquivalent(_hub.Files.Keys, Directory.GetFiles(folder).Select(Path.GetFileName).ToArray());
    }

    [TestMethod]
    public void Resolve_Again_DownloadsNothing()
    {
        HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        _hub.Requests.Clear();
        HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        Assert.IsTrue(_hub.Requests.All(r => r.Method == "HEAD"), string.Join("\n", _hub.Requests));

        _hub.Requests.Clear();
        HuggingFaceHub.ResolveModelFolder($"{FakeHub.Id}@{FakeHub.Commit}", _hub.Options);
        Assert.IsEmpty(_hub.Requests);    // what a commit holds never changes
    }

    [TestMethod]
    public void Resolve_Token_GoesToTheHubOnly()
    {
        HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options with { Token = "hf_secret" });
        foreach (FakeHub.Request request in _hub.Requests)
            Assert.AreEqual(
                request.Host.StartsWith("127", StringComparison.Ordinal) ? "Bearer hf_secret" : null, request.Authorization,
                request.ToString());
        Assert.IsTrue(_hub.Requests.Any(r => r.Host.StartsWith("localhost", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Resolve_Interrupted_ResumesWithinTheCall()
    {
        int cuts = 4;
        _hub.BreakAfter = file => file == Weights && cuts-- > 0 ? 100_000 : null;
        string folder = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options with { MaxAttempts = 2 });
        CollectionAssert.AreEqual(_weights, File.ReadAllBytes(Path.Combine(folder, Weights)));
        string?[] ranges =
        [.. _hub.Requests.Where(r => r.Method == "GET" && r.Host.StartsWith("localhost", StringComparison.Ordinal)).Select(r => r.Range),
        ];
        Assert.HasCount(5, ranges);
        Assert.IsNull(ranges[0]);
        Assert.IsTrue(ranges.Skip(1).All(r => r is not null), string.Join(" ", ranges));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Resolve_InterruptedForGood_ResumesInTheNextCall(bool serverSupportsRange)
    {
        int calls = 0;
        _hub.BreakAfter = file =>
            file == Weights
                ? calls++ == 0
                    ? 200_000
                    : 0
                : null;
        var error = Assert.ThrowsExactly<HubException>(() =>
            HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options with { MaxAttempts = 2 }));
        Assert.AreEqual(HubError.Network, error.Error);
        Assert.Contains("the next call goes on from there", error.Message);
        string blob = Path.Combine(_hub.CacheFolder, "models--org--tiny-model", "blobs", FakeHub.Hash(Weights, _weights));
        Assert.IsFalse(File.Exists(blob));
        Assert.IsTrue(File.Exists(blob + ".incomplete"));
        Assert.IsFalse(File.Exists(Path.Combine(_hub.CacheFolder, "models--org--tiny-model", "snapshots", FakeHub.Commit, Weights)));

        _hub.BreakAfter = _ => null;
        _hub.SupportsRange = serverSupportsRange;
        string folder = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        CollectionAssert.AreEqual(_weights, File.ReadAllBytes(Path.Combine(folder, Weights)));
        Assert.IsFalse(File.Exists(blob + ".incomplete"));
    }

    [TestMethod]
    public void Resolve_DamagedLeftover_IsDownloadedAfresh()
    {
        string blob = Path.Combine(_hub.CacheFolder, "models--org--tiny-model", "blobs", FakeHub.Hash(Weights, _weights));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.WriteAllBytes(blob + ".incomplete", new byte[1000]);
        string folder = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        CollectionAssert.AreEqual(_weights, File.ReadAllBytes(Path.Combine(folder, Weights)));
    }

    [TestMethod]
    [DataRow(Weights)]
    [DataRow("config.json")]
    public void Resolve_WrongChecksum_NothingIsVisible(string damaged)
    {
        _hub.Tamper = (file, content) => file == damaged ? [.. content.Select((b, i) => i == 1 ? (byte)~b : b)] : content;
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options));
        Assert.AreEqual(HubError.Corrupt, error.Error);
        Assert.Contains("its checksum is", error.Message);
        Assert.IsFalse(
            Directory
                .GetFiles(_hub.CacheFolder, "*", SearchOption.AllDirectories)
                .Any(f =>
                    Path.GetFileName(f).StartsWith(FakeHub.Hash(damaged, _hub.Files[damaged]), StringComparison.Ordinal)
                    && !f.EndsWith(".lock", StringComparison.Ordinal)));
        Assert.IsFalse(File.Exists(Path.Combine(_hub.CacheFolder, "models--org--tiny-model", "snapshots", FakeHub.Commit, damaged)));
    }

    [TestMethod]
    public void Resolve_MoreBytesThanAnnounced_Throws()
    {
        _hub.Tamper = (file, content) => file == Weights ? [.. content, .. new byte[10]] : content;
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options));
        Assert.AreEqual(HubError.Corrupt, error.Error);
    }

    [TestMethod]
    [DataRow(401, HubError.Unauthorized, "set HF_TOKEN")]
    [DataRow(403, HubError.Unauthorized, "the token has no access")]
    [DataRow(404, HubError.NotFound, "has no file 'config.json'")]
    [DataRow(500, HubError.Server, "try again later")]
    public void Resolve_ErrorStatus_SaysWhatToDo(int status, HubError expected, string part)
    {
        _hub.Override = (_, response) =>
        {
            response.StatusCode = status;
            return true;
        };
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options));
        Assert.AreEqual(expected, error.Error);
        Assert.Contains(part, error.Message);
    }

    [TestMethod]
    [DataRow("org/other", "There is no repository 'org/other'")]
    [DataRow(FakeHub.Id + "@v9", "has no revision 'v9'")]
    public void Resolve_NotFound_SaysWhat(string id, string part)
    {
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(id, _hub.Options));
        Assert.AreEqual(HubError.NotFound, error.Error);
        Assert.Contains(part, error.Message);
    }

    [TestMethod]
    public void Resolve_BusyServer_IsAskedAgain()
    {
        int refusals = 3;
        _hub.Override = (_, response) =>
        {
            bool refuse = Interlocked.Decrement(ref refusals) >= 0;
            response.StatusCode = refuse ? 503 : response.StatusCode;
            return refuse;
        };
        Assert.IsTrue(Directory.Exists(HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options)));
    }

    [TestMethod]
    public void Resolve_NoWeights_ListsWhatWasLookedFor()
    {
        _hub.Files.Remove(Weights);
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options));
        Assert.Contains("model.safetensors, model.safetensors.index.json, pytorch_model.bin", error.Message);
    }

    [TestMethod]
    public void Resolve_Shards_AllAreFetched()
    {
        _hub.Files.Remove(Weights);
        _hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(
            """{"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-1.safetensors"}}""");
        _hub.Files["model-1.safetensors"] = [1];
        _hub.Files["model-2.safetensors"] = [2];
        string folder = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        Assert.IsTrue(File.Exists(Path.Combine(folder, "model-1.safetensors")));
        Assert.IsTrue(File.Exists(Path.Combine(folder, "model-2.safetensors")));
    }

    [TestMethod]
    [DataRow("../../../evil.safetensors")]
    [DataRow("/etc/evil")]
    [DataRow("..")]
    [DataRow("a\\\\b")]
    public void Resolve_ShardOutsideTheFolder_IsRefused(string shard)
    {
        _hub.Files.Remove(Weights);
        _hub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(
            """{"weight_map": {"a": "SHARD"}}""".Replace("SHARD", shard, StringComparison.Ordinal));
        string message = Assert
            .ThrowsExactly<InvalidDataException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options))
            .Message;
        Assert.Contains("not the name of a file below its folder", message);
    }

    [TestMethod]
    public void Resolve_PyTorchWeights_OnlyWithoutSafetensors()
    {
        _hub.Files["pytorch_model.bin"] = [1, 2, 3];
        HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        Assert.AreEqual(0, _hub.Downloads("pytorch_model.bin"));
        _hub.Files.Remove(Weights);
        string folder = HuggingFaceHub.ResolveModelFolder(
            FakeHub.Id, _hub.Options with
            {
                CacheFolder = Path.Combine(_hub.CacheFolder, "second"),
            });
        Assert.IsTrue(File.Exists(Path.Combine(folder, "pytorch_model.bin")));
    }

    [TestMethod]
    public void Resolve_Offline_UsesTheCacheOnly()
    {
        var error = Assert.ThrowsExactly<HubException>(() =>
            HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options with { Offline = true }));
        Assert.AreEqual(HubError.Offline, error.Error);
        Assert.Contains("HF_HUB_OFFLINE", error.Message);

        string online = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        _hub.Requests.Clear();
        Assert.AreEqual(online, HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options with { Offline = true }));
        Assert.IsEmpty(_hub.Requests);
    }

    [TestMethod]
    public void Resolve_HubUnreachable_FallsBackToTheCache()
    {
        HuggingFaceHubOptions unreachable = _hub.Options with { Endpoint = "http://127.0.0.1:1" };
        Assert.AreEqual(
            HubError.Network,
            Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, unreachable)).Error);

        string online = HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options);
        var log = new List<string>();
        Assert.AreEqual(online, HuggingFaceHub.ResolveModelFolder(FakeHub.Id, unreachable with { Log = log.Add }));
        Assert.HasCount(1, log);
        Assert.Contains("is taken from the cache", log[0]);
    }

    [TestMethod]
    public void Resolve_ServerIsNoHub_SaysSo()
    {
        _hub.Override = (_, response) =>
        {
            response.StatusCode = 200;
            return true;
        };
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options));
        Assert.AreEqual(HubError.Server, error.Error);
        Assert.Contains("does not seem to be a Hugging Face hub", error.Message);
    }

    [TestMethod]
    public void Resolve_HostileHeaders_WriteNothingOutside()
    {
        _hub.Override = (_, response) =>
        {
            response.Headers["X-Repo-Commit"] = "../../evil";
            response.Headers["ETag"] = "\"../../../evil\"";
            return true;
        };
        Assert.AreEqual(
            HubError.Server,
            Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options)).Error);
        Assert.IsEmpty(Directory.GetFiles(_hub.CacheFolder, "*evil*", SearchOption.AllDirectories));
    }

    [TestMethod]
    public void Resolve_RedirectLoop_Ends()
    {
        _hub.Override = (request, response) =>
        {
            response.Redirect(request.Url!.AbsolutePath);
            return true;
        };
        Assert.Contains(
            "redirects more than",
            Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options)).Message);
    }

    [TestMethod]
    public void Resolve_RenamedRepository_FollowsOnTheHub()
    {
        _hub.Override = (request, response) =>
        {
            if (!request.Url!.AbsolutePath.StartsWith("/old/", StringComparison.Ordinal))
                return false;
            response.StatusCode = 307;
            response.Headers["Location"] = request.Url.AbsolutePath.Replace("/old/name", "/" + FakeHub.Id, StringComparison.Ordinal);
            return true;
        };
        string folder = HuggingFaceHub.ResolveModelFolder("old/name", _hub.Options with { Token = "hf_secret" });
        CollectionAssert.AreEqual(_weights, File.ReadAllBytes(Path.Combine(folder, Weights)));
    }

    [TestMethod]
    public async Task Resolve_ManyAtOnce_DownloadEachFileOnce()
    {
        string[] folders = await Task.WhenAll(
            Enumerable.Range(0, 6).Select(_ => HuggingFaceHub.ResolveModelFolderAsync(FakeHub.Id, _hub.Options)));
        Assert.AreEqual(1, folders.Distinct().Count());
        Assert.AreEqual(1, _hub.Downloads(Weights));
        Assert.AreEqual(1, _hub.Downloads("config.json"));
    }

    [TestMethod]
    public async Task Lock_HeldElsewhere_TimesOutWithAClearError()
    {
        string path = Path.Combine(_hub.CacheFolder, "x.lock");
        using IDisposable held = await HubLock.AcquireAsync(path, TimeSpan.FromSeconds(1), default);
        var error = await Assert.ThrowsExactlyAsync<HubException>(() => HubLock.AcquireAsync(path, TimeSpan.FromMilliseconds(50), default));
        Assert.AreEqual(HubError.Locked, error.Error);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public async Task Lock_HeldByAnotherProcess_IsWaitedFor()
    {
        string path = Path.Combine(_hub.CacheFolder, "y.lock");
        using var other = Process.Start(
            new ProcessStartInfo("flock", [path, "sh", "-c", "echo held; exec sleep 60"]) { RedirectStandardOutput = true }
        )!;
        Assert.AreEqual("held", await other.StandardOutput.ReadLineAsync());
        await Assert.ThrowsExactlyAsync<HubException>(() => HubLock.AcquireAsync(path, TimeSpan.FromMilliseconds(150), default));
        Task<IDisposable> waiting = HubLock.AcquireAsync(path, TimeSpan.FromSeconds(30), default);
        Assert.IsFalse(waiting.IsCompleted);
        other.Kill(entireProcessTree: true);
        (await waiting).Dispose();
    }

    [TestMethod]
    public void Resolve_Stalled_GivesUpInTime()
    {
        using var release = new ManualResetEventSlim();
        _hub.Override = (request, _) =>
        {
            if (request.HttpMethod == "HEAD")
                return false;
            release.Wait(TimeSpan.FromSeconds(20));
            return false;
        };
        var error = Assert.ThrowsExactly<HubException>(() => HuggingFaceHub.ResolveModelFolder(
            FakeHub.Id, _hub.Options with { RequestTimeout = TimeSpan.FromMilliseconds(200), MaxAttempts = 1 }));
        release.Set();
        Assert.AreEqual(HubError.Network, error.Error);
        Assert.Contains("did not answer within 0.2 s", error.Message);
    }

    [TestMethod]
    public void Resolve_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options, source.Token));
    }

    [TestMethod]
    public void Resolve_Progress_ReachesTheEnd()
    {
        var reports = new List<HubProgress>();
        HuggingFaceHub.ResolveModelFolder(FakeHub.Id, _hub.Options with { Progress = new Collector(reports) });
        Assert.Contains(new HubProgress(FakeHub.Id, Weights, _weights.Length, _weights.Length), reports);
        Assert.IsTrue(reports.All(r => r.BytesDone <= r.BytesTotal));
    }

    [TestMethod]
    public void Resolve_ExistingPath_Wins()
    {
        Assert.AreEqual(_hub.CacheFolder, HuggingFaceHub.ResolveModelFolder(_hub.CacheFolder, _hub.Options));
        Assert.IsEmpty(_hub.Requests);
    }

    [TestMethod]
    [DataRow("no-slash")]
    [DataRow("a/b/c")]
    [DataRow("../x")]
    [DataRow("a/..b")]
    [DataRow("org/na me")]
    [DataRow("org/name@../../x")]
    [DataRow("org/name@")]
    [DataRow("org/name\n")]
    public void Resolve_NoId_Throws(string id) =>
        Assert.ThrowsExactly<ArgumentException>(() => HuggingFaceHub.ResolveModelFolder(id, _hub.Options));

    [TestMethod]
    public void ResolveFiles_MissingFile_Throws()
    {
        string folder = HuggingFaceHub.ResolveFiles(FakeHub.Id, ["config.json"], _hub.Options);
        Assert.IsFalse(File.Exists(Path.Combine(folder, Weights)));
        var error = Assert.ThrowsExactly<HubException>(() =>
            HuggingFaceHub.ResolveFiles(FakeHub.Id, ["config.json", "README.md"], _hub.Options));
        Assert.AreEqual(HubError.NotFound, error.Error);
        Assert.Contains("README.md", error.Message);
    }

    [TestMethod]
    public void Options_AllProblemsAreListed()
    {
        var options = new HuggingFaceHubOptions { Endpoint = "ftp://x", MaxAttempts = 0, Token = "a b", RequestTimeout = TimeSpan.Zero };
        string message = Assert.ThrowsExactly<ArgumentException>(() => HuggingFaceHub.ResolveModelFolder(FakeHub.Id, options)).Message;
        foreach (string part in new[] { "Endpoint is 'ftp://x'", "MaxAttempts is 0", "Token holds", "RequestTimeout is" })
            Assert.Contains(part, message);
        Assert.DoesNotContain("a b", message);    // a token is never shown
    }

    private sealed class Collector(List<HubProgress> reports) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => reports.Add(value);
    }
}
