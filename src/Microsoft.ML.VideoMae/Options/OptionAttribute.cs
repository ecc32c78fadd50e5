// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.ComponentModel.DataAnnotations;

namespace Microsoft.ML.VideoMae.Trainers;

/// <summary>
/// Describes an option, beside its name, type and default: checks, the tool, the name of a run and documents are made of it.
/// </summary>
/// <param name="helpText">What it is, in a sentence.</param>
/// <param name="identity">Whether runs that differ in it are different runs.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class OptionAttribute(string helpText, RunIdentityPart identity) : Attribute
{
    /// <summary>What it is, in a sentence.</summary>
    public string HelpText { get; } = helpText;

    /// <summary>What null means, in another sentence of the help, for the trainers whose default it is.</summary>
    public string? HelpOnNull { get; init; }

    /// <summary>Whether runs that differ in it are different runs.</summary>
    public RunIdentityPart Identity { get; } = identity;

    /// <summary>What it was called when runs were first named: stored runs keep their names. Null where it has its first name.</summary>
    public string? FirstName { get; init; }

    /// <summary>
    /// The default that it had when runs were first named: null stands for it in names, which stored runs keep. Null where it had none.
    /// </summary>
    public object? FirstDefault { get; init; }

    /// <summary>What the tool calls it; null where the tool does not have it.</summary>
    public string? Flag { get; init; }
}

/// <summary>Whether an option is part of what names a run, and so of what decides whether a stored state is gone on with.</summary>
internal enum RunIdentityPart
{
    /// <summary>
    /// It is, whatever its value. For the options of the first version alone: another one would give all stored runs new names.
    /// </summary>
    Always,

    /// <summary>It is where it differs from its default. For options that are added later and change the weights.</summary>
    WhereChanged,

    /// <summary>It does not change the weights, or is part in another way, as data is by its clips.</summary>
    Never,
}

/// <summary>A number above 0.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class PositiveAttribute : RangeAttribute
{
    public PositiveAttribute()
        : base(0, double.PositiveInfinity) => MinimumIsExclusive = true;
}

/// <summary>A probability or share below 1.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class BelowOneAttribute : RangeAttribute
{
    public BelowOneAttribute()
        : base(0.0, 1) => MaximumIsExclusive = true;
}

/// <summary>A time of zero or more.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NotNegativeTimeAttribute : ValidationAttribute
{
    /// <inheritdoc/>
    public override bool IsValid(object? value) => value is TimeSpan time && time >= TimeSpan.Zero;
}
