// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae.Checkpoints;

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
