// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Numerics.Tensors;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Similarity;

/// <summary>Two clips that show the same recording.</summary>
/// <param name="First">The first clip.</param>
/// <param name="Second">The second clip.</param>
/// <param name="Similarity">How alike what changes in them is, 1 at most.</param>
/// <param name="IsMirrored">Whether one is the mirror image of the other.</param>
/// <param name="Shift">How much later the second begins than the first, in seconds.</param>
internal readonly record struct ClipPair(int First, int Second, double Similarity, bool IsMirrored, double Shift);

/// <summary>
/// Finds clips of the same recording: encoded anew, in another size, cut in length, mirrored, or shifted in time.
/// </summary>
/// <remarks>
/// Two clips are compared in the time that both cover, at every shift. What counts is what changes there: each frame less the mean frame.
/// A still background is the same in all clips of one camera, and says nothing. Where nothing changes, the pictures have to be the same.
/// Pairs that are alike in this way are compared again at the detail of the poorer clip (<see cref="MatchedDetail"/>). Two clips that are
/// both pairs with a third are a pair too, if they are nearly as alike themselves.
/// </remarks>
internal static class NearDuplicates
{
    /// <summary>Mean frames of the same recording are at least so alike, even if one is cut.</summary>
    private const double LeastScene = 0.9;

    /// <summary>
    /// Mean colours of places differ by no more, in levels of 255: another encoding moves them by a few. What moves alike in another colour
    /// is something else.
    /// </summary>
    private const float MostColour = 20;

    /// <summary>Changes of the same recording are so alike. On weizmann4 no false pair is: docs/lab/timeline.md.</summary>
    public const double LeastChange = 0.96;

    /// <summary>Still pictures of the same recording are so alike.</summary>
    private const double LeastStill = 0.998;

    /// <summary>The share of the shorter clip that both have to cover.</summary>
    private const double LeastOverlap = 0.6;

    /// <summary>A part of a clip in which this share of what changes on the mean says nothing.</summary>
    private const double LeastPart = 0.1;

    /// <summary>Pairs that are less alike than this at first sight are not compared again.</summary>
    private const double LeastAtFirstSight = 0.85;

    /// <summary>Pairs that others join are so alike themselves.</summary>
    private const double LeastJoined = 0.9;

    private const int MostKept = 2000;

    /// <summary>Finds all pairs.</summary>
    /// <param name="clips">The clips; null for those that could not be read.</param>
    /// <param name="isOfInterest">Whether a pair matters.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="leastChange">How alike changes have to be.</param>
    public static ClipPair[] Find(IReadOnlyList<ClipFingerprint?> clips, Func<int, int, bool> isOfInterest,
        CancellationToken cancellationToken, double leastChange = LeastChange)
    {
        var likely = new ConcurrentBag<ClipPair>();
        // What changes is computed once for each clip where there is room for that, a quarter of a megabyte for each.
        ConcurrentDictionary<int, ClipChanges>? kept = clips.Count <= MostKept ? [] : null;
        ClipChanges ChangesOf(int i) => kept?.GetOrAdd(i, k => new ClipChanges(clips[k]!)) ?? new ClipChanges(clips[i]!);
        Parallel.For(0, clips.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            if (clips[i] is not ClipFingerprint one)
                return;
            var straight = new Lazy<ClipChanges>(() => ChangesOf(i), LazyThreadSafetyMode.None);
            var inMirror = new Lazy<ClipChanges>(() => new ClipChanges(one.Mirror()), LazyThreadSafetyMode.None);
            for (int j = 0; j < i; j++)
            {
                if (clips[j] is not ClipFingerprint other || !isOfInterest(j, i))
                    continue;
                bool isAlike = PictureSignature.Correlation(other.Scene, one.Scene) >= LeastScene
                    && other.ColourDistanceTo(one) <= MostColour;
                bool isAlikeInMirror = PictureSignature.Correlation(other.Scene, one.MirroredScene) >= LeastScene
                    && other.ColourDistanceTo(inMirror.Value.Clip) <= MostColour;
                if (!isAlike && !isAlikeInMirror)
                    continue;
                ClipChanges changes = ChangesOf(j);
                (double Similarity, double Shift) best = isAlike ? Compare(changes, straight.Value) : default;
                bool isMirrored = false;
                if (isAlikeInMirror && Compare(changes, inMirror.Value) is var mirrored
                    && mirrored.Similarity > best.Similarity)
                    (best, isMirrored) = (mirrored, true);
                if (best.Similarity < LeastAtFirstSight)
                    continue;
                double similarity = Again(changes, (isMirrored ? inMirror : straight).Value, best);
                likely.Add(new ClipPair(j, i, similarity, isMirrored, best.Shift));
            }
        });
        return [.. WithJoined(clips.Count, likely, leastChange).OrderByDescending(p => p.Similarity).ThenBy(p => p.First).ThenBy(p => p.Second)];
    }

    /// <summary>The pairs that are alike enough, and those that a chain of such pairs joins.</summary>
    internal static ClipPair[] WithJoined(int count, IReadOnlyCollection<ClipPair> likely, double leastChange)
    {
        IEnumerable<ClipPair> certain = likely.Where(p => p.Similarity >= leastChange);
        string?[] groups = PictureSignature.Join(count, certain.Select(p => (p.First, p.Second)));
        return [.. likely.Where(p => p.Similarity >= Math.Min(leastChange, LeastJoined) && groups[p.First] is string group
            && group == groups[p.Second])];
    }

    /// <summary>Compares two clips at the shift at which they are most alike, at the detail of the poorer one.</summary>
    private static double Again(ClipChanges first, ClipChanges second, (double Similarity, double Shift) best)
    {
        if (first.IsStill || second.IsStill)
            return best.Similarity;
        Span<int> a = stackalloc int[ClipFingerprint.MostFrames], b = stackalloc int[ClipFingerprint.MostFrames];
        int count = Match(first, second, best.Shift, a, b);
        return MatchedDetail.Similarity(first.Clip, second.Clip, a[..count], b[..count]);
    }

    /// <summary>Compares two clips at every shift of time.</summary>
    private static (double Similarity, double Shift) Compare(ClipChanges first, ClipChanges second)
    {
        if (first.IsStill || second.IsStill)
        {
            double scene = PictureSignature.Correlation(first.Clip.Scene, second.Clip.Scene);
            return first.IsStill && second.IsStill && scene >= LeastStill ? (scene, 0) : default;
        }

        double[] products = first.ProductsWith(second);
        double step = Math.Min(first.Step, second.Step), least = LeastOverlap * Math.Min(first.Clip.Seconds, second.Clip.Seconds);
        (double Similarity, double Shift) best = default;
        int from = (int)Math.Ceiling((least - second.Clip.Seconds) / step), to = (int)Math.Floor((first.Clip.Seconds - least) / step);
        for (int i = from; i <= to; i++)
        {
            double similarity = Similarity(first, second, products, i * step);
            if (similarity > best.Similarity)
                best = (similarity, i * step);
        }

        return best;
    }

    /// <summary>
    /// How alike what changes is, where the second clip begins so much later than the first: the correlation over the time that both cover.
    /// </summary>
    private static double Similarity(ClipChanges first, ClipChanges second, double[] products, double shift)
    {
        Span<int> a = stackalloc int[ClipFingerprint.MostFrames], b = stackalloc int[ClipFingerprint.MostFrames];
        int count = Match(first, second, shift, a, b);
        if (count < 2)
            return 0;
        double squaresA = Centred(first.Products, first.Count, a[..count], a[..count]);
        double squaresB = Centred(second.Products, second.Count, b[..count], b[..count]);
        return squaresA < LeastPart * count * first.MeanSquare || squaresB < LeastPart * count * second.MeanSquare
            ? 0
            : Math.Min(1, Centred(products, second.Count, a[..count], b[..count]) / Math.Sqrt(
                first.WithoutNoise(squaresA, count) * second.WithoutNoise(squaresB, count)));
    }

    /// <summary>The sum of products of frames, less their mean frames: by those of whole frames.</summary>
    /// <param name="products">[first's frames, second's frames].</param>
    /// <param name="columns">The second's number of frames.</param>
    /// <param name="a">Frames of the first.</param>
    /// <param name="b">Frames of the second, as many.</param>
    private static double Centred(double[] products, int columns, ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        double same = 0, all = 0;
        for (int i = 0; i < a.Length; i++)
        {
            ReadOnlySpan<double> row = products.AsSpan(a[i] * columns, columns);
            same += row[b[i]];
            foreach (int j in b)
                all += row[j];
        }

        return same - (all / a.Length);
    }

    /// <summary>Pairs of frames that are shown at the same time.</summary>
    private static int Match(ClipChanges first, ClipChanges second, double shift, Span<int> a, Span<int> b)
    {
        double slack = (Math.Max(first.Step, second.Step) / 2) + 1e-9;
        double[] times = first.Clip.Times;
        int count = 0;
        for (int j = 0, i = 0; j < second.Count; j++)
        {
            double time = second.Clip.Times[j] + shift;
            while (i + 1 < times.Length && Math.Abs(times[i + 1] - time) <= Math.Abs(times[i] - time))
                i++;
            if (Math.Abs(times[i] - time) > slack)
                continue;
            (a[count], b[count]) = (i, j);
            count++;
        }

        return count;
    }
}

/// <summary>What changes in a clip, and the products of its frames with each other.</summary>
internal sealed class ClipChanges
{
    /// <summary>Mean square of what changes, in grey levels: below it is the noise of the encoding.</summary>
    private const double LeastEnergy = 1.5;

    /// <summary>The most that is taken for noise of a sum of squares.</summary>
    private const double MostNoise = 0.3;

    private readonly float[] _changes;
    private readonly double _noise;

    public ClipChanges(ClipFingerprint clip)
    {
        (Clip, Count, _changes) = (clip, clip.Times.Length, clip.Changes(out double energy, out _noise));
        IsStill = energy < LeastEnergy;
        Products = ProductsWith(this);
        for (int i = 0; i < Count; i++)
            MeanSquare += Products[(i * Count) + i] / Count;
    }

    public ClipFingerprint Clip { get; }

    /// <summary>The number of frames.</summary>
    public int Count { get; }

    /// <summary>From frame to frame.</summary>
    public double Step => Clip.Seconds / Count;

    /// <summary>Whether nothing but noise changes.</summary>
    public bool IsStill { get; }

    /// <summary>The mean over the frames of the sum of squares of what changes.</summary>
    public double MeanSquare { get; }

    /// <summary>[Count, Count].</summary>
    public double[] Products { get; }

    /// <summary>A sum of squares of what changes, less what noise added to it: noise makes clips less alike than they are.</summary>
    /// <param name="squares">The sum.</param>
    /// <param name="frames">Over how many frames.</param>
    public double WithoutNoise(double squares, int frames) => Math.Max((1 - MostNoise) * squares, squares - (frames * _noise));

    /// <summary>Products of all frames with all of another clip, [Count, other's Count].</summary>
    public double[] ProductsWith(ClipChanges other)
    {
        var products = new double[Count * other.Count];
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<float> frame = _changes.AsSpan(i * ClipFingerprint.Pixels, ClipFingerprint.Pixels);
            for (int j = 0; j < other.Count; j++)
            {
                products[(i * other.Count) + j] =
                    TensorPrimitives.Dot(frame, other._changes.AsSpan(j * ClipFingerprint.Pixels, ClipFingerprint.Pixels));
            }
        }

        return products;
    }
}
