// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Linq;

namespace Microsoft.ML.VideoMae.Trainers;

/// <summary>Says a rule in words that follow 'X is 3, but'.</summary>
internal static class OptionRules
{
    public static string Describe(ValidationAttribute rule) => rule switch
    {
        RangeAttribute range => Describe(range),
        AllowedValuesAttribute allowed => $"has to be {string.Join(", ", allowed.Values[..^1].Select(Text))} or {Text(allowed.Values[^1])}",
        NotNegativeTimeAttribute => "has to be a time of zero or more",
        RequiredAttribute => "has to be a column name", // Nothing else is required of options.
        _ => throw new NotSupportedException($"{rule.GetType().Name} has no words."),
    };

    private static string Describe(RangeAttribute range) =>
        (range.MinimumIsExclusive, range.MaximumIsExclusive) switch
        {
            (false, false) => $"has to be from {Text(range.Minimum)} to {Text(range.Maximum)}",
            (true, false) when double.IsInfinity(Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture)) =>
                $"has to be above {Text(range.Minimum)}",
            (true, false) => $"has to be above {Text(range.Minimum)} and at most {Text(range.Maximum)}",
            (false, true) => $"has to be at least {Text(range.Minimum)} and below {Text(range.Maximum)}",
            (true, true) => $"has to be above {Text(range.Minimum)} and below {Text(range.Maximum)}",
        };

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
