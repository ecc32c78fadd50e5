// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Training;

/// <summary>Values that a run was given for options of its trainer; the others have their defaults.</summary>
/// <param name="given">Values by the names of options.</param>
internal sealed class OptionValues(IEnumerable<KeyValuePair<string, object?>> given) : IEquatable<OptionValues>
{
    private readonly Dictionary<string, object?> _given = new(given);

    public static OptionValues None { get; } = new([]);

    /// <summary>The names of the options that were given values.</summary>
    public IEnumerable<string> Names => _given.Keys;

    /// <summary>These values, and others that win.</summary>
    public OptionValues With(OptionValues others) => new(_given.Where(pair => !others._given.ContainsKey(pair.Key)).Concat(others._given));

    /// <summary>These values with another one.</summary>
    public OptionValues With(string name, object? value) => With(new OptionValues([new(name, value)]));

    /// <summary>A value; null where none was given.</summary>
    public object? this[string name] => _given.GetValueOrDefault(name);

    /// <summary>Sets what was given.</summary>
    public TOptions ApplyTo<TOptions>(TOptions options)
        where TOptions : VideoMaeTrainingOptions, new()
    {
        foreach (VideoMaeOption option in VideoMaeOption.Of<TOptions>().Where(option => _given.ContainsKey(option.Name)))
            option.SetValue(options, _given[option.Name]);
        return options;
    }

    /// <summary>Adds what was given to an object, under the names of the flags.</summary>
    /// <param name="json">The object.</param>
    /// <param name="options">How JSON is written.</param>
    public void Write(JsonObject json, JsonSerializerOptions options)
    {
        foreach (VideoMaeOption option in Table.Where(option => _given.ContainsKey(option.Name)))
            json[NameOf(option, options)] = JsonSerializer.SerializeToNode(_given[option.Name], option.ValueType, options);
    }

    /// <summary>Takes from an object what belongs to options; null was not given.</summary>
    /// <exception cref="JsonException">A value is of another type.</exception>
    public static OptionValues Read(JsonObject json, JsonSerializerOptions options) => new(
        from option in Table
        let value = json[NameOf(option, options)]
        where value is not null
        select KeyValuePair.Create(option.Name, value.Deserialize(option.ValueType, options)));

    /// <summary>The same where a trainer would get the same: a default that was given is no difference.</summary>
    public bool Equals(OptionValues? other) => other is not null && Table.All(option => Equals(Effective(option), other.Effective(option)));

    public override bool Equals(object? obj) => Equals(obj as OptionValues);

    public override int GetHashCode() => Table.Aggregate(0, (hash, option) => HashCode.Combine(hash, Effective(option)));

    private static IEnumerable<VideoMaeOption> Table { get; } =
        [.. VideoMaeOption.Of<VideoMaeTrainer.Options>().Where(option => option.Flag is not null)];

    private object? Effective(VideoMaeOption option) => _given.TryGetValue(option.Name, out object? value) ? value : option.DefaultValue;

    /// <summary>'--batch-size' is BatchSize, or batchSize.</summary>
    private static string NameOf(VideoMaeOption option, JsonSerializerOptions options)
    {
        string name = string.Concat(option.Flag!.Split('-', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
        return options.PropertyNamingPolicy?.ConvertName(name) ?? name;
    }
}

/// <summary>The flags of a verb that trains, made of the trainer's own table of options.</summary>
/// <param name="options">The options of the trainer; those without a flag are left out.</param>
internal sealed class OptionFlags(IEnumerable<VideoMaeOption> options)
{
    private readonly Flag[] _flags = [.. options.Where(option => option.Flag is not null)
        .Select(option => (Flag)Activator.CreateInstance(typeof(Flag<>).MakeGenericType(option.ValueType), option)!)];

    public void AddTo(Command command)
    {
        foreach (Flag flag in _flags)
            command.Options.Add(flag.Option);
    }

    /// <summary>What stands on the command line.</summary>
    public OptionValues Read(ParseResult result) => new(_flags
        .Where(flag => result.GetResult(flag.Option) is { Implicit: false })
        .ToDictionary(flag => flag.Name, flag => flag.Read(result)));

    /// <summary>A number that holds unless another is given is worth a word; what null means stands in the help.</summary>
    private static string HelpOf(VideoMaeOption option) =>
        option.DefaultValue is int or float && Convert.ToDouble(option.DefaultValue, CultureInfo.InvariantCulture) != 0
        ? string.Create(CultureInfo.InvariantCulture, $"{option.HelpText.TrimEnd('.')}; {option.DefaultValue} if not given.")
        : option.HelpText;

    private abstract class Flag(VideoMaeOption option)
    {
        public string Name => option.Name;

        public abstract Option Option { get; }

        public abstract object? Read(ParseResult result);
    }

    private sealed class Flag<T>(VideoMaeOption option) : Flag(option)
    {
        private readonly Option<T> _option = new(option.Flag!) { Description = HelpOf(option) };

        public override Option Option => _option;

        public override object? Read(ParseResult result) => result.GetValue(_option);
    }
}
