// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Why a model could not be had from the Hugging Face hub.</summary>
public enum HubError
{
    /// <summary>The repository, its revision or a file of it does not exist.</summary>
    NotFound,

    /// <summary>The server wants a token, or the token has no access (a private or gated repository).</summary>
    Unauthorized,

    /// <summary>A file is not in the cache, and the hub must not be asked.</summary>
    Offline,

    /// <summary>The server could not be reached, or the connection broke and could not be resumed.</summary>
    Network,

    /// <summary>What arrived is not what the server announced: another checksum or size.</summary>
    Corrupt,

    /// <summary>The server answered with an error, or with something that is not understood.</summary>
    Server,

    /// <summary>Another process holds the lock of a download for too long.</summary>
    Locked,
}

/// <summary>A model could not be had from the Hugging Face hub or its cache; <see cref="Error"/> and the message say why.</summary>
public sealed class HubException : IOException
{
    /// <summary>Describes the failure.</summary>
    /// <param name="error">The kind of failure.</param>
    /// <param name="message">What was asked for, what happened, and what to do.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public HubException(HubError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public HubError Error { get; }
}

/// <summary>What the hub's error answers mean, in words.</summary>
internal static class HubFailures
{
    /// <summary>Whether the repository and its revision exist, but not this file.</summary>
    public static bool IsMissingFile(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.NotFound && Code(answer) is null or "EntryNotFound";

    public static void ThrowIfFailed(HttpResponseMessage answer, HubModelId id, string file)
    {
        // A redirect that was not followed leads to another host: the hub has the file.
        if ((int)answer.StatusCode < 400)
            return;
        string status = $"{(int)answer.StatusCode} {answer.ReasonPhrase}";
        throw answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new HubException(
                HubError.Unauthorized,
                $"The hub refused '{file}' of '{id}' ({status}): the repository does not exist, or it is private and needs a token. "
                + "Check the id; for a private repository set HF_TOKEN."),
            HttpStatusCode.Forbidden => new HubException(
                HubError.Unauthorized,
                $"The hub refused '{file}' of '{id}' ({status}): the token has no access" + (Code(answer) == "GatedRepo"
                    ? ", since the repository is gated; ask for access on its page." : "; set HF_TOKEN to one that has.")),
            HttpStatusCode.NotFound => new HubException(
                HubError.NotFound,
                Code(answer) == "RevisionNotFound"
                    ? $"'{id.Repository}' has no revision '{id.Revision}'; check the part after the @ ({status})."
                : Code(answer) == "RepoNotFound"
                    ? $"There is no repository '{id.Repository}' on the hub, or it is private and needs HF_TOKEN ({status})."
                : $"'{id}' has no file '{file}' ({status}); check the id, and whether the repository holds a model."),
            _ => new HubException(HubError.Server, $"The hub answered {status} when asked for '{file}' of '{id}'; try again later."),
        };
    }

    private static string? Code(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("X-Error-Code", out var values) ? values.First() : null;
}
