// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What happens to a row whose video cannot be read. No other video ever takes its place.</summary>
public enum VideoErrorPolicy
{
    /// <summary>The error ends the work.</summary>
    Throw,

    /// <summary>
    /// The row is left out of training and validation, and gets a missing label and scores that are not a number when it is scored;
    /// a warning names the video and the reason.
    /// </summary>
    Skip,
}
