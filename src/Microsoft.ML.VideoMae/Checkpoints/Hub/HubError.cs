// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

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
