// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>One expected tensor and how far a model is from it.</summary>
/// <param name="Name">The tensor's name in the reference file.</param>
/// <param name="LargestDifference">The largest absolute difference; infinite where shapes differ or a value is not finite.</param>
/// <param name="LargestExpected">The largest absolute expected value.</param>
/// <param name="Passed">Whether every element is within the tolerance.</param>
public sealed record ReferenceComparison(string Name, double LargestDifference, double LargestExpected, bool Passed);
