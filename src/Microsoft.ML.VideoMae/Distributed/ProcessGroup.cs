// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;

namespace Microsoft.ML.VideoMae.Distributed;

/// <summary>
/// The processes that work together on one run, as <c>mpirun -n 4</c> starts them. A process that was started alone is a group of one, in
/// which nothing is exchanged.
/// </summary>
/// <remarks>
/// Every process of a group has to make the same calls in the same order, from one thread at a time: a call returns when all have made it.
/// A process that is not heard of for <see cref="LongestSilence"/> ends all of them.
/// </remarks>
public abstract class ProcessGroup
{
    /// <summary>A process that stays silent for longer is taken for dead.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(12);

    private static readonly Lazy<ProcessGroup> s_launched = new(MpiGroup.Join);

    private protected ProcessGroup()
    {
    }

    /// <summary>
    /// The group that this process was started in: that of <c>mpirun</c>, or this process alone where no launcher's variables are set.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// It was started in a group, and there is no MPI library, or another one than the launcher's.
    /// </exception>
    public static ProcessGroup Current => Launcher.Size > 1 ? s_launched.Value : Alone;

    /// <summary>This process, from 0.</summary>
    public abstract int Rank { get; }

    /// <summary>The number of processes.</summary>
    public abstract int Size { get; }

    /// <summary>This process among those on the same machine, from 0: each may take a GPU of its own.</summary>
    public abstract int LocalRank { get; }

    /// <summary>The number of processes on this machine.</summary>
    public abstract int LocalSize { get; }

    /// <summary>Whether this is the process that writes results and logs.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>A group of this process alone.</summary>
    internal static ProcessGroup Alone { get; } = new SingleProcess();

    /// <summary>Whether there is no other process, so that nothing has to be exchanged.</summary>
    internal bool IsAlone => Size == 1;

    /// <summary>Returns when all processes have called it.</summary>
    public void Barrier() => Sum(stackalloc double[1]);

    /// <summary>Collects bytes of every process; each gets those of all.</summary>
    /// <param name="bytes">What this process gives; lengths may differ.</param>
    /// <returns>What each gave, in the order of ranks.</returns>
    public abstract IReadOnlyList<byte[]> Gather(byte[] bytes);

    /// <summary>The processes that share a piece of work.</summary>
    /// <exception cref="InvalidOperationException">There are others, or MPI was asked for, and there is no MPI library.</exception>
    internal static ProcessGroup Of(VideoMaeDistribution distribution) => distribution switch
    {
        VideoMaeDistribution.None => Alone,
        VideoMaeDistribution.Mpi => s_launched.Value,
        _ => Current,
    };

    /// <summary>How a process is called in messages, such as 'Rank 3 on node-7'.</summary>
    internal abstract string NameOf(int rank);

    /// <summary>Replaces numbers by their sums over all processes.</summary>
    internal abstract void Sum(Span<double> numbers);

    /// <summary>Starts to replace numbers by their sums over all processes.</summary>
    /// <param name="numbers">An array that stays where it is: one that was allocated so.</param>
    /// <param name="transport">What they travel as.</param>
    internal abstract IPendingExchange StartSum(float[] numbers, VideoMaeGradientTransport transport);

    /// <summary>Replaces bytes by those of the first process.</summary>
    internal abstract void Broadcast(Span<byte> bytes);

    /// <summary>Gives all processes the text of the first.</summary>
    internal string Broadcast(string text)
    {
        if (IsAlone)
            return text;
        byte[] own = IsFirst ? System.Text.Encoding.UTF8.GetBytes(text) : [];
        Span<double> length = [own.Length];
        Sum(length);
        byte[] bytes = IsFirst ? own : new byte[(int)length[0]];
        Broadcast(bytes.AsSpan());
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Nothing to exchange.</summary>
    private sealed class SingleProcess : ProcessGroup, IPendingExchange
    {
        public override int Rank => 0;

        public override int Size => 1;

        public override int LocalRank => 0;

        public override int LocalSize => 1;

        public override IReadOnlyList<byte[]> Gather(byte[] bytes) => [bytes];

        internal override string NameOf(int rank) => "This process";

        internal override void Sum(Span<double> numbers)
        {
        }

        internal override IPendingExchange StartSum(float[] numbers, VideoMaeGradientTransport transport) => this;

        internal override void Broadcast(Span<byte> bytes)
        {
        }

        public void Wait()
        {
        }
    }
}

/// <summary>An exchange that goes on while the process does something else.</summary>
internal interface IPendingExchange
{
    /// <summary>Returns when it has ended.</summary>
    void Wait();
}
