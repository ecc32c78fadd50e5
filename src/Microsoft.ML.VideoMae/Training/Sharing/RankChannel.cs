// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Distributed;

namespace Microsoft.ML.VideoMae.Training;

/// <summary>
/// The log of a run that several processes share: the first one's is the run's, and the warnings of the others reach it with their rank.
/// </summary>
/// <param name="inner">The log of this process.</param>
/// <param name="group">The processes.</param>
internal sealed class RankChannel(IChannel inner, ProcessGroup group) : IChannel
{
    private readonly List<string> _warnings = [];
    private readonly HashSet<string> _said = [];

    public string ContextDescription => inner.ContextDescription;

    /// <summary>Lets the first process say what the others warned of since the last call; to be called by all.</summary>
    public void Deliver()
    {
        string[] own;
        lock (_warnings)
        {
            own = [.. _warnings];
            _warnings.Clear();
        }

        IReadOnlyList<byte[]> all = group.Gather(JsonSerializer.SerializeToUtf8Bytes(own));
        if (!group.IsFirst)
            return;
        foreach ((int rank, byte[] bytes) in all.Index().Skip(1))
        {
            // What the first process found too, such as an option that does not fit, is not said again.
            foreach (string warning in JsonSerializer.Deserialize<string[]>(bytes)!.Where(_said.Add))
                inner.Warning($"{group.NameOf(rank)}: {warning}");
        }
    }

    public void Warning(MessageSensitivity sensitivity, string fmt)
    {
        lock (_warnings)
        {
            if (!group.IsFirst)
                _warnings.Add(fmt);
            else if (_said.Add(fmt))
                inner.Warning(sensitivity, fmt);
        }
    }

    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args) =>
        Warning(sensitivity, string.Format(System.Globalization.CultureInfo.InvariantCulture, fmt, args));

    public void Info(MessageSensitivity sensitivity, string fmt)
    {
        if (group.IsFirst)
            inner.Info(sensitivity, fmt);
    }

    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args)
    {
        if (group.IsFirst)
            inner.Info(sensitivity, fmt, args);
    }

    public void Trace(MessageSensitivity sensitivity, string fmt) => inner.Trace(sensitivity, fmt);

    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => inner.Trace(sensitivity, fmt, args);

    public void Error(MessageSensitivity sensitivity, string fmt) => inner.Error(sensitivity, fmt);

    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args) => inner.Error(sensitivity, fmt, args);

    public void Send(ChannelMessage msg) => inner.Send(msg);

    public TException Process<TException>(TException ex)
        where TException : Exception => inner.Process(ex);

    public void Dispose()
    {
    }
}
