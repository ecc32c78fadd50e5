// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Trainers;

/// <summary>Collects everything that is wrong with a set of options, so that a user is told all of it at once.</summary>
internal sealed class OptionProblems
{
    private readonly List<string> _problems = [];

    /// <summary>Notes a value that is not above 0.</summary>
    public OptionProblems Positive(string name, double value) => Require(value > 0, name, value, "has to be above 0");

    /// <summary>Notes a number that is no value of an enumeration.</summary>
    public OptionProblems Defined<T>(string name, T value)
        where T : struct, Enum =>
        Require(Enum.IsDefined(value), name, value, $"has to be one of {string.Join(", ", Enum.GetNames<T>())}");

    /// <summary>Notes a column name that is empty.</summary>
    public OptionProblems Named(string name, string? value) =>
        Require(!string.IsNullOrWhiteSpace(value), name, value, "has to be a column name");

    /// <summary>Notes a value that breaks a rule.</summary>
    public OptionProblems Require(bool holds, string name, object? value, string rule)
    {
        if (!holds)
            _problems.Add(string.Create(CultureInfo.InvariantCulture, $"{name} is {value ?? "null"}, but {rule}."));
        return this;
    }

    /// <summary>Throws if anything was noted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lists every problem.</exception>
    public void ThrowIfAny(IExceptionContext context, string paramName)
    {
        if (_problems.Count > 0)
            throw context.ExceptParam(paramName, string.Join(" ", _problems));
    }
}
