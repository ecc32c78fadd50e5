// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>Decides whether training clips may be mirrored.</summary>
internal static partial class Mirroring
{
    /// <summary>What the option says, or yes where no class has a side in its name.</summary>
    /// <param name="option">The option; null leaves it to the names.</param>
    /// <param name="classNames">The names of the classes.</param>
    /// <param name="channel">Gets the choice.</param>
    public static bool Choose(bool? option, IEnumerable<string> classNames, IChannel channel)
    {
        string? sided = classNames.FirstOrDefault(name => Side().IsMatch(name));
        if (option is bool chosen)
        {
            if (chosen && sided is not null)
                channel.Warning($"Training clips are mirrored as HorizontalFlip says, though class '{sided}' seems to have a side.");
            return chosen;
        }

        channel.Info(sided is null
            ? "Training clips are mirrored at random; set HorizontalFlip to false where left and right matter."
            : $"Training clips are not mirrored, since class '{sided}' seems to have a side; HorizontalFlip decides otherwise.");
        return sided is null;
    }

    [GeneratedRegex("left|right|clockwise", RegexOptions.IgnoreCase)]
    private static partial Regex Side();
}
