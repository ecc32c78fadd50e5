// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Numerics;

namespace Microsoft.ML.VideoMae;

/// <summary>Collects everything that is wrong with what was given, so that a user is told all of it at once.</summary>
internal sealed class ProblemList(params IEnumerable<string> problems)
{
    private readonly List<string> _problems = [.. problems];

    public bool IsEmpty => _problems.Count == 0;

    public void Add(string problem) => _problems.Add(problem);

    public void Require(bool holds, string problem)
    {
        if (!holds)
            Add(problem);
    }

    /// <summary>Notes a number that lies outside of a range, or is none.</summary>
    public void Range<T>(string name, T value, T min, T max)
        where T : INumber<T> =>
        Require(value >= min && value <= max, Invariant($"{name} is {value}; it must be from {min} to {max}."));

    /// <summary>Notes a number below 1.</summary>
    public void AtLeastOne(string name, long value) => Require(value >= 1, Invariant($"{name} is {value}; it must be at least 1."));

    /// <summary>Notes a number that is no value of an enumeration.</summary>
    public void Defined<T>(string name, T value)
        where T : struct, Enum =>
        Require(Enum.IsDefined(value), $"{name} is {value:D}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");

    /// <summary>Throws if anything was noted: one line says what is wrong, then each problem has a line.</summary>
    /// <param name="what">What is wrong, as a sentence without its full stop.</param>
    /// <param name="make">Makes the exception of a message; an <see cref="ArgumentException"/> otherwise.</param>
    /// <param name="most">The most problems that are listed.</param>
    public void ThrowIfAny(string what, Func<string, Exception>? make = null, int most = int.MaxValue)
    {
        if (IsEmpty)
            return;
        IEnumerable<string> more = _problems.Count > most ? [$"... and {_problems.Count - most} more."] : [];
        string message = string.Join($"{Environment.NewLine}- ", [$"{what}:", .. _problems.Take(most), .. more]);
        throw make is null ? new ArgumentException(message) : make(message);
    }

    public static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
