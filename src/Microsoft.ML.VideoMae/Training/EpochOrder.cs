// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>The order of an epoch's clips: shuffled, or drawn from all classes alike; copies of a clip stand side by side.</summary>
internal static class EpochOrder
{
    /// <param name="examples">All clips.</param>
    /// <param name="usable">The clips that can be read.</param>
    /// <param name="recipe">The recipe of the run.</param>
    /// <param name="epoch">The epoch.</param>
    public static int[] Create(IReadOnlyList<ClipExample> examples, int[] usable, TrainingRecipe recipe, int epoch)
    {
        Random random = recipe.Streams.Create(RandomStreams.Purpose.Order, epoch);
        if (recipe.DrawsClassesAlike)
            usable = DrawBalanced(examples, usable, random);
        else
            random.Shuffle(usable);
        return recipe.Copies == 1 ? usable : [.. usable.SelectMany(index => Enumerable.Repeat(index, recipe.Copies))];
    }

    private static int[] DrawBalanced(IReadOnlyList<ClipExample> examples, int[] usable, Random random)
    {
        int[][] classes = [.. usable.GroupBy(i => examples[i].ClassIndex).OrderBy(g => g.Key).Select(g => g.ToArray())];
        var drawn = new int[usable.Length];
        for (int i = 0; i < drawn.Length; i++)
        {
            int[] clips = classes[random.Next(classes.Length)];
            drawn[i] = clips[random.Next(clips.Length)];
        }

        return drawn;
    }
}
