// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Training;

/// <summary>What an epoch adds up.</summary>
/// <param name="Loss">The loss, times clips.</param>
/// <param name="Correct">The correct clips; null where there is no right and wrong.</param>
/// <param name="Clips">The clips.</param>
/// <param name="Seconds">The time it took.</param>
/// <param name="ComputingSeconds">The time the model took of it.</param>
internal sealed record EpochSums(double Loss, long? Correct, int Clips, double Seconds, double ComputingSeconds)
{
    public static readonly EpochSums Zero = new(0, 0, 0, 0, 0);
}
