// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>
/// What the card of a checkpoint says of it: its README.md, with the fields of the hub at its head. Only what stands there is here.
/// </summary>
/// <remarks>It goes with the weights: a model that was made of them has it too, also in its .zip and in its exported folder.</remarks>
public sealed partial record CheckpointCard
{
    /// <summary>The id of the checkpoint on the hub, such as 'MCG-NJU/videomae-base'; null where it did not come from there.</summary>
    public string? Repository { get; init; }

    /// <summary>The licence, as the hub names it ('mit', 'cc-by-nc-4.0', 'other'); null where the card names none.</summary>
    public string? License { get; init; }

    /// <summary>The name of a licence that the hub calls 'other'; null where the card names none.</summary>
    public string? LicenseName { get; init; }

    /// <summary>Where the text of such a licence is: a file of the repository, or an address; null where the card names none.</summary>
    public string? LicenseLink { get; init; }

    /// <summary>The checkpoints that this one was made of (base_model).</summary>
    public IReadOnlyList<string> BaseModels { get; init; } = [];

    /// <summary>The data sets that it was trained on, by their ids on the hub.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>The languages of its classes.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>The names of what was measured.</summary>
    public IReadOnlyList<string> Metrics { get; init; } = [];

    /// <summary>What was measured, as it stands in the card: the field model-index, YAML; null where there is none.</summary>
    public string? ModelIndex { get; init; }

    /// <summary>What follows the fields: Markdown, empty where nothing does.</summary>
    public string Text { get; init; } = "";

    /// <summary>Whether the licence, by its name, allows no commercial use. One that is not known by its name forbids nothing here.</summary>
    public bool ForbidsCommercialUse => NonCommercial().IsMatch($"{License} {LicenseName}");

    /// <summary>A sentence on the licence; null where none is known.</summary>
    public override string? ToString() => License is null && LicenseName is null ? null
        : $"Licence: {LicenseNames()}{(Repository is null ? "" : $", of {Repository}")}." +
            (ForbidsCommercialUse ? " It allows no commercial use, and goes with what is made of these weights." : "");

    /// <summary>What goes with a model that was trained on from this checkpoint: its results and its data are not the new model's.</summary>
    internal CheckpointCard OfDerived() => new()
    {
        Repository = Repository,
        License = License,
        LicenseName = LicenseName,
        LicenseLink = LicenseLink,
        BaseModels = BaseModels,
    };

    private string LicenseNames() => (License, LicenseName) switch
    {
        (null, _) => LicenseName!,
        (_, null) => License,
        _ => $"{License} ({LicenseName})",
    };

    [GeneratedRegex(@"(^|[-_ (])nc($|[-_ )])|non-?commercial", RegexOptions.IgnoreCase)]
    private static partial Regex NonCommercial();
}
