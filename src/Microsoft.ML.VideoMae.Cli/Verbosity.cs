// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace VideoMaeCli;

/// <summary>How much is said, named as in the tool <c>mlnet</c>.</summary>
internal enum Verbosity
{
    /// <summary>Results and warnings.</summary>
    Q,

    /// <summary>Epochs too.</summary>
    M,

    /// <summary>All that ML.NET logs from this package, and whole exceptions.</summary>
    Diag,
}
