// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.ComponentModel.DataAnnotations;
using System.Linq;
using System.Reflection;
using Microsoft.ML.Trainers;
using Microsoft.ML.VideoMae.Trainers;

namespace Microsoft.ML.VideoMae;

/// <summary>An option of a trainer, for programs that list options, read them from elsewhere, or show what was set.</summary>
public sealed class VideoMaeOption
{
    private static readonly ConcurrentDictionary<Type, VideoMaeOption[]> s_tables = new();

    /// <summary>ML.NET declares this one.</summary>
    private static readonly OptionAttribute s_featureColumn = new("The column of videos.", RunIdentityPart.Always);

    private readonly FieldInfo _field;
    private readonly OptionAttribute _description;
    private readonly ValidationAttribute[] _rules;

    private VideoMaeOption(FieldInfo field, object defaults)
    {
        bool isMlNets = field.DeclaringType == typeof(TrainerInputBase);
        _field = field;
        _description = isMlNets ? s_featureColumn : field.GetCustomAttribute<OptionAttribute>()
            ?? throw new InvalidOperationException($"{field.DeclaringType!.Name}.{field.Name} has no {nameof(OptionAttribute)}.");
        _rules = isMlNets ? [new RequiredAttribute()] : [.. field.GetCustomAttributes<ValidationAttribute>()];
        DefaultValue = field.GetValue(defaults);
    }

    /// <summary>The name of the field.</summary>
    public string Name => _field.Name;

    /// <summary>
    /// The type of its values, such as <see cref="int"/>, or <see cref="Nullable{T}"/> of it where null leaves the choice to the trainer.
    /// </summary>
    public Type ValueType => _field.FieldType;

    /// <summary>What it is, in a sentence.</summary>
    public string HelpText =>
        DefaultValue is null && _description.HelpOnNull is string more ? $"{_description.HelpText} {more}" : _description.HelpText;

    /// <summary>What the tool <c>videomae</c> calls it, such as '--epochs'; null where the tool does not have it.</summary>
    public string? Flag => _description.Flag;

    /// <summary>Its value in new options.</summary>
    public object? DefaultValue { get; }

    /// <summary>Whether runs that differ in it are different runs.</summary>
    internal RunIdentityPart Identity => _description.Identity;

    /// <summary>What it is called in the name of a run.</summary>
    internal string IdentityName => _description.FirstName ?? Name;

    /// <summary>Its value in the name of a run.</summary>
    internal object? IdentityValue(VideoMaeTrainingOptions options) => GetValue(options) ?? _description.FirstDefault;

    /// <summary>The options of a trainer, those that trainers share first.</summary>
    /// <typeparam name="TOptions">The type of its options.</typeparam>
    public static IReadOnlyList<VideoMaeOption> Of<TOptions>()
        where TOptions : VideoMaeTrainingOptions, new() => Of(typeof(TOptions));

    /// <summary>Its value in some options.</summary>
    /// <param name="options">The options.</param>
    /// <exception cref="ArgumentException">They are of a trainer that has no such option.</exception>
    public object? GetValue(VideoMaeTrainingOptions options) => _field.GetValue(options);

    /// <summary>Sets it; what is wrong with a value is said when a trainer is made.</summary>
    /// <param name="options">The options.</param>
    /// <param name="value">The value, of the option's type.</param>
    /// <exception cref="ArgumentException">
    /// The value is of another type, or the options are of a trainer that has no such option.
    /// </exception>
    public void SetValue(VideoMaeTrainingOptions options, object? value) => _field.SetValue(options, value);

    internal static VideoMaeOption[] Of(Type type) => s_tables.GetOrAdd(type, static type =>
    {
        object defaults = Activator.CreateInstance(type)!;
        return [.. type.GetFields(BindingFlags.Public | BindingFlags.Instance)
            .OrderBy(field => Depth(field.DeclaringType!)).ThenBy(field => field.MetadataToken)
            .Select(field => new VideoMaeOption(field, defaults))];
    });

    /// <summary>The rule that a value breaks, such as 'has to be above 0'; null where it breaks none.</summary>
    internal string? BrokenRule(object? value)
    {
        if (value is Enum && !Enum.IsDefined(value.GetType(), value))
            return $"has to be one of {string.Join(", ", Enum.GetNames(value.GetType()))}";
        return _rules.FirstOrDefault(rule => !rule.IsValid(value)) is { } broken ? OptionRules.Describe(broken) : null;
    }

    private static int Depth(Type type) => type.BaseType is null ? 0 : 1 + Depth(type.BaseType);
}
