// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae;

/// <summary>What cancelling a run does.</summary>
public enum CancellationBehavior
{
    /// <summary>
    /// An <see cref="System.OperationCanceledException"/> is thrown; a state in the workspace folder allows going on later.
    /// </summary>
    Throw,

    /// <summary>
    /// The model so far is returned: with the best weights where there is validation data, with the present ones otherwise.
    /// </summary>
    ReturnBest,
}
