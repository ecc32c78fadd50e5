// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using Microsoft.ML.VideoMae;

namespace VideoMaeCli.Training;

/// <summary>The flags of a verb that trains, made of the trainer's own table of options.</summary>
internal sealed class OptionFlags
{
    private readonly Flag[] _flags;

    /// <param name="options">The options of the trainer; those without a flag are left out.</param>
    public OptionFlags(IEnumerable<VideoMaeOption> options) => _flags = [.. options.Where(option => option.Flag is not null)
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
