// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Forward, backward and update: one optimizer step for every few batches.</summary>
internal interface IStepper : IDisposable
{
    /// <summary>What is trained.</summary>
    ParameterGroups Groups { get; }

    /// <summary>What changes it.</summary>
    FusedAdamW Optimizer { get; }

    /// <summary>The optimizer steps done.</summary>
    int Step { get; set; }

    /// <summary>Works on a batch, and makes an optimizer step where it is the last of one.</summary>
    /// <param name="batch">The clips.</param>
    /// <param name="batches">The number of batches in this step.</param>
    StepResult Run(ClipBatch batch, int batches);

    /// <summary>Forgets gradients of a step that was not completed.</summary>
    void Discard();
}
