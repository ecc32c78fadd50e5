// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>What was learned about one clip. Written by several threads, which all find the same.</summary>
internal sealed class ClipFacts
{
    private volatile ProbeResult? _probe;
    private volatile int _decodedCount;
    private volatile int _exactCount;
    private volatile bool _cannotSeek;
    private volatile bool _countsAnew;
    private volatile string? _change;

    /// <summary>The number of frames of a small file that was decoded whole; 0 if it was not.</summary>
    public int DecodedCount
    {
        get => _decodedCount;
        set => _decodedCount = value;
    }

    /// <summary>The index of a large file; null if there is none yet.</summary>
    public ProbeResult? Probe
    {
        get => _probe;
        set => _probe = value;
    }

    /// <summary>The number of frames that decode in a file whose index promises more; 0 if it was not counted.</summary>
    public int ExactCount
    {
        get => _exactCount;
        set => _exactCount = value;
    }

    /// <summary>True if decoding from inside the file failed, as where key frames are not what they claim to be.</summary>
    public bool CannotSeek
    {
        get => _cannotSeek;
        set => _cannotSeek = value;
    }

    /// <summary>
    /// True if the format of the frames changes on the way, so that ffmpeg's own numbers of frames are not those of the clip.
    /// </summary>
    public bool CountsAnew
    {
        get => _countsAnew;
        set => _countsAnew = value;
    }

    /// <summary>How the format of the frames changes, for users; null as far as it does not.</summary>
    public string? Change
    {
        get => _change;
        set => _change = value;
    }
}
