// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>What the hub says of a file: the commit it belongs to, the name of its content, and its size where known.</summary>
internal sealed record HubFileInfo(string Commit, string Hash, long? Size)
{
    /// <summary>Reads the headers of the answers to one request, redirects first.</summary>
    /// <exception cref="HubException">The headers of the hub are missing or make no sense.</exception>
    public static HubFileInfo Read(IReadOnlyList<HttpResponseMessage> answers, HubModelId id, string file)
    {
        HttpResponseMessage last = answers[^1];
        string? commit = CommitOf(answers);
        string? hash = First(answers, "X-Linked-Etag") ?? last.Headers.ETag?.Tag ?? First([last], "ETag");
        hash = hash?.Replace("W/", "", StringComparison.Ordinal).Trim('"');
        string? size = First(answers, "X-Linked-Size");
        long? length = long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long linked) ? linked
            : last.IsSuccessStatusCode ? last.Content.Headers.ContentLength
            : null;
        if (commit is null || hash is null || hash.Contains('/') || !HubModelId.IsSafePath(hash))
        {
            throw new HubException(
                HubError.Server,
                $"The server's answer for '{file}' of '{id}' has no usable X-Repo-Commit and ETag headers, so it does not seem to be a Hugging Face hub. "
                + "Check HF_ENDPOINT, and whether a proxy answers in the hub's place.");
        }

        return new HubFileInfo(commit, hash, length);
    }

    /// <summary>The commit the answers name, or null.</summary>
    public static string? CommitOf(IReadOnlyList<HttpResponseMessage> answers) =>
        First(answers, "X-Repo-Commit") is { } commit && HubModelId.IsCommitHash(commit) ? commit : null;

    private static string? First(IReadOnlyList<HttpResponseMessage> answers, string header) =>
        answers.Select(a => a.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values.First() : null).FirstOrDefault(v => v is not null);
}
