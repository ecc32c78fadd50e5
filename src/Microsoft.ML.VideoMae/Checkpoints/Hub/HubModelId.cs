// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
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
        if (!RepositoryPattern().IsMatch(parts[0]) || parts[0].Contains("..", StringComparison.Ordinal) || parts[0].Contains("--", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{text}' is neither an existing file or folder nor an id of the Hugging Face hub. An id has the form org/name or org/name@revision, "
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
        path.Length <= 255 && path.Split('/').All(part => PathPartPattern().IsMatch(part) && part.Trim('.').Length > 0 && !part.EndsWith('.'));

    public static bool IsCommitHash(string text) => CommitPattern().IsMatch(text);

    public override string ToString() => Revision == DefaultRevision ? Repository : $"{Repository}@{Revision}";

    [GeneratedRegex(@"^[A-Za-z0-9_][A-Za-z0-9_.\-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.\-]{0,95}\z")]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"^[A-Za-z0-9_.\-]{1,200}\z")]
    private static partial Regex PathPartPattern();

    [GeneratedRegex(@"^[0-9a-f]{40}\z")]
    private static partial Regex CommitPattern();
}
