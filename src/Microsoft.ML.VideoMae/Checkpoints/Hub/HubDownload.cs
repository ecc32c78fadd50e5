// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// Downloads one content to its place among the blobs: resumed where it broke off, checked, and only then given its name.
/// </summary>
internal sealed class HubDownload(HubHttp http, HuggingFaceHubOptions options, HubModelId id, string file, HubFileInfo info, string blob)
{
    private static readonly TimeSpan s_reportEvery = TimeSpan.FromMilliseconds(100);

    private readonly string _partial = blob + ".incomplete";

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        Uri address = http.Address(id.Repository, info.Commit, file);
        bool startedFresh = !File.Exists(_partial);
        while (true)
        {
            await FetchAsync(address, cancellationToken).ConfigureAwait(false);
            string? problem = await FindProblemAsync(cancellationToken).ConfigureAwait(false);
            if (problem is null)
                break;
            File.Delete(_partial);
            if (startedFresh)
                throw new HubException(HubError.Corrupt, $"'{file}' of '{id}' arrived damaged: {problem} It was deleted; try again.");
            // What an earlier run left may have been damaged; what comes now is all of one piece.
            startedFresh = true;
        }

        File.Move(_partial, blob, overwrite: true);
    }

    // Tries until all bytes are there; an attempt that brings bytes does not count.
    private async Task FetchAsync(Uri address, CancellationToken cancellationToken)
    {
        int failures = 0;
        while (true)
        {
            long before = PartialLength();
            if (info.Size is { } size && before == size && size > 0)
                return;
            try
            {
                await FetchOnceAsync(address, before, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (HubException e) when (e.Error == HubError.Network)
            {
                failures = PartialLength() > before ? 1 : failures + 1;
                if (failures >= options.MaxAttempts)
                {
                    throw new HubException(
                        HubError.Network,
                        $"'{file}' of '{id}' could not be downloaded in {options.MaxAttempts} attempts; {PartialLength()} bytes are " +
                        $"kept and the next call goes on from there. {e.Message}", e);
                }

                await Task.Delay(options.RetryDelay * (1 << Math.Min(failures - 1, 6)), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task FetchOnceAsync(Uri address, long from, CancellationToken cancellationToken)
    {
        using HubAnswers answers = await http.GetAsync(address, from, cancellationToken).ConfigureAwait(false);
        HttpResponseMessage answer = answers.Last;
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && from > 0)
        {
            File.Delete(_partial);
            throw new HubException(HubError.Network, $"The server has fewer than the {from} bytes that were kept.");
        }

        if (HubHttp.IsTransient(answer.StatusCode))
            throw new HubException(HubError.Network, $"The server answered {(int)answer.StatusCode} {answer.ReasonPhrase}.");
        HubFailures.ThrowIfFailed(answer, id, file);
        bool resumed = answer.StatusCode == HttpStatusCode.PartialContent && answer.Content.Headers.ContentRange?.From == from;
        if (answer.StatusCode == HttpStatusCode.PartialContent && !resumed)
            throw new HubException(HubError.Server,
                $"The server was asked for '{file}' of '{id}' from byte {from} on and sent another part.");

        await using var target = new FileStream(_partial, resumed ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read);
        await CopyAsync(answer, target, resumed ? from : 0, cancellationToken).ConfigureAwait(false);
    }

    private async Task CopyAsync(HttpResponseMessage answer, FileStream target, long done, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 17];
        var sinceReport = Stopwatch.StartNew();
        Report(done);
        await using Stream source = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        int read;
        while ((read = await ReadAsync(source, buffer, done, cancellationToken).ConfigureAwait(false)) > 0)
        {
            done += read;
            if (done > info.Size)
                throw new HubException(HubError.Corrupt,
                    $"The server sends more than the {info.Size} bytes it announced for '{file}' of '{id}'.");
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            if (sinceReport.Elapsed < s_reportEvery)
                continue;
            Report(done);
            sinceReport.Restart();
        }

        if (done < info.Size)
            throw new HubException(HubError.Network, $"The connection ended after {done} of {info.Size} bytes.");
        Report(done);
    }

    // Failures of the connection only: a full disk is not cured by trying again.
    private async Task<int> ReadAsync(Stream source, Memory<byte> buffer, long done, CancellationToken cancellationToken)
    {
        using var stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(options.StallTimeout);
        try
        {
            return await source.ReadAsync(buffer, stall.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubException(HubError.Network, $"Nothing arrived for {options.StallTimeout.TotalSeconds:0.#} s.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HubException(HubError.Network, $"The connection broke after {done} bytes: {e.Message}", e);
        }
    }

    private void Report(long done) => options.Progress?.Report(new HubProgress(id.Repository, file, done, info.Size));

    private async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        if (info.Size is { } size && PartialLength() != size)
            return $"it has {PartialLength()} bytes instead of {size}.";
        if (!HubChecksum.CanVerify(info.Hash))
        {
            options.Log?.Invoke($"'{file}' of '{id}' could not be checked: the server names its content '{info.Hash}', which is no " +
                "checksum.");
            return null;
        }

        string actual = await HubChecksum.ComputeAsync(_partial, info.Hash, cancellationToken).ConfigureAwait(false);
        return actual == info.Hash ? null : $"its checksum is {actual} instead of {info.Hash}.";
    }

    private long PartialLength() => new FileInfo(_partial) is { Exists: true } partial ? partial.Length : 0;
}

/// <summary>The two kinds of checksum the hub names contents by: SHA-256 for large files, git's SHA-1 of a blob for the others.</summary>
internal static class HubChecksum
{
    private const int Sha256Digits = 64;
    private const int GitDigits = 40;

    /// <summary>Whether the length and digits of a name say which checksum it is.</summary>
    public static bool CanVerify(string hash) =>
        hash.Length is Sha256Digits or GitDigits && !hash.AsSpan().ContainsAnyExcept("0123456789abcdef");

    /// <summary>The checksum of a file, of the kind of <paramref name="like"/>, in lower-case digits.</summary>
    public static async Task<string> ComputeAsync(string path, string like, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(like.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        if (like.Length == GitDigits)
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        var buffer = new byte[1 << 18];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            hash.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
