// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>A repository of the hub and its revision: <c>org/name</c> or <c>org/name@revision</c>.</summary>
internal sealed partial record HubModelId(string Repository, string Revision)
{
    public const string DefaultRevision = "main";

    /// <summary>Whether the revision is a commit, whose files never change.</summary>
    public bool IsCommit => IsCommitHash(Revision);

    /// <exception cref="ArgumentException">The text is not an id.</exception>
    public static HubModelId Parse(string text)
    {
        string[] parts = text.Split('@', 2);
        string revision = parts.Length == 2 ? parts[1] : DefaultRevision;
        if (!RepositoryPattern().IsMatch(parts[0]) || parts[0].Contains("..", StringComparison.Ordinal)
            || parts[0].Contains("--", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{text}' is neither an existing file or folder nor an id of the Hugging Face hub. An id has the form org/name or " +
                "org/name@revision, "
                + "such as MCG-NJU/videomae-base; check the spelling of the path or the id.");
        }

        if (!IsSafePath(revision))
        {
            throw new ArgumentException(
                $"'{revision}' in '{text}' is not a revision; give a branch, a tag or a commit, such as {DefaultRevision}.");
        }

        return new HubModelId(parts[0], revision);
    }

    /// <summary>Whether a name that came from outside may be used as a path below a folder of ours, on every platform.</summary>
    public static bool IsSafePath(string path) =>
        path.Length <= 255 && path.Split('/')
            .All(part => PathPartPattern().IsMatch(part) && part.Trim('.').Length > 0 && !part.EndsWith('.'));

    public static bool IsCommitHash(string text) => CommitPattern().IsMatch(text);

    public override string ToString() => Revision == DefaultRevision ? Repository : $"{Repository}@{Revision}";

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.\-]{0,95}\z")]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_.\-]{1,200}\z")]
    private static partial Regex PathPartPattern();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}

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
                $"The server's answer for '{file}' of '{id}' has no usable X-Repo-Commit and ETag headers, so it does not seem to be a " +
                "Hugging Face hub. "
                + "Check HF_ENDPOINT, and whether a proxy answers in the hub's place.");
        }

        return new HubFileInfo(commit, hash, length);
    }

    /// <summary>The commit the answers name, or null.</summary>
    public static string? CommitOf(IReadOnlyList<HttpResponseMessage> answers) =>
        First(answers, "X-Repo-Commit") is { } commit && HubModelId.IsCommitHash(commit) ? commit : null;

    private static string? First(IReadOnlyList<HttpResponseMessage> answers, string header) =>
        answers.Select(a => a.Headers.TryGetValues(header, out IEnumerable<string>? values) ? values.First() : null)
            .FirstOrDefault(v => v is not null);
}
