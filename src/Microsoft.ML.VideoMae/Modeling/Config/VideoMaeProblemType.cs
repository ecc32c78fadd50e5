// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Modeling;

/// <summary>The loss of a <see cref="VideoMaeForVideoClassification"/>; the <c>problem_type</c> of config.json.</summary>
public enum VideoMaeProblemType
{
    /// <summary>Mean squared error.</summary>
    Regression,

    /// <summary>Cross-entropy with class indices; the label -100 is left out of the mean.</summary>
    SingleLabelClassification,

    /// <summary>Binary cross-entropy with logits, averaged over every label of every clip.</summary>
    MultiLabelClassification,
}
