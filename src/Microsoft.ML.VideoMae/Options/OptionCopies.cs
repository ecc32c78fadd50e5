// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae;

/// <summary>Copies options: a trainer keeps its own, which nobody changes.</summary>
internal static class OptionCopies
{
    /// <summary>A copy, checked.</summary>
    /// <exception cref="System.ArgumentOutOfRangeException">It lists all that is wrong.</exception>
    public static T Checked<T>(this T options, IExceptionContext context)
        where T : VideoMaeTrainingOptions
    {
        var copy = (T)options.Copy();
        copy.Check(context);
        return copy;
    }

    /// <summary>The same options with another start.</summary>
    public static T StartingFrom<T>(this T options, string checkpoint)
        where T : VideoMaeTrainingOptions
    {
        var copy = (T)options.Copy();
        (copy.PretrainedModel, copy.PretrainedTransformer) = (checkpoint, null);
        return copy;
    }
}
