// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using TorchSharp.Modules;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Parameters that are updated alike.</summary>
/// <param name="Named">The parameters and their names.</param>
/// <param name="Scale">The factor on the schedule's learning rate.</param>
/// <param name="HasDecay">Whether their weights decay.</param>
internal sealed record ParameterGroup(IReadOnlyList<(string Name, Parameter Parameter)> Named, double Scale, bool HasDecay);
