// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>Reads ffprobe's "compact" output: one line a packet, stream or format, fields separated by bars.</summary>
internal sealed class ProbeParser
{
    private readonly Dictionary<int, List<Packet>> _packets = [];
    private readonly List<Dictionary<string, string>> _streams = [];
    private Dictionary<string, string> _format = [];

    public bool HasStream => _streams.Count > 0;

    public void Add(string line)
    {
        if (line.StartsWith("packet|", StringComparison.Ordinal))
            AddPacket(Fields(line));
        else if (line.StartsWith("frame|", StringComparison.Ordinal))
            AddFrame(Fields(line));
        else if (line.StartsWith("stream|", StringComparison.Ordinal))
            AddStream(Fields(line));
        else if (line.StartsWith("format|", StringComparison.Ordinal))
            _format = Fields(line);
    }

    public ProbeResult Finish(MLVideo video, VideoReadOptions options, IReadOnlyList<string> errors, int exitCode)
    {
        Dictionary<string, string> stream = _streams[0];
        PacketIndex index = PacketIndex.Create(_packets.GetValueOrDefault((int)Number(stream, "index")) ?? []);
        int width = (int)Number(stream, "width");
        int height = (int)Number(stream, "height");
        if (index.Count == 0 || width <= 0 || height <= 0)
            throw FFmpegFailure.Explain(video, errors, exitCode);
        FrameLimits.CheckFrame(video, width, height, options);
        var format = new StreamFormat(width, height, stream.GetValueOrDefault("pix_fmt", ""), "1/1");
        return new ProbeResult(Describe(stream, index, width, height, options), index, Number(_format, "start_time"), format);
    }

    private VideoMetadata Describe(Dictionary<string, string> stream, PacketIndex index, int width, int height, VideoReadOptions options)
    {
        // ffprobe counts counter-clockwise, as the display matrix does.
        int rotation = (int)(((-Number(stream, "rotation") % 360) + 360) % 360);
        double aspect = Ratio(stream, "sample_aspect_ratio", ':') is > 0 and var a ? a : 1;
        bool turned = options.ApplyRotation && rotation is 90 or 270;
        (int w, int h) = turned
            ? FrameFilter.Scaled(height, width, 1 / aspect, options)
            : FrameFilter.Scaled(width, height, aspect, options);
        double duration = Number(stream, "duration") is > 0 and var d ? d : Number(_format, "duration");
        double rate = Ratio(stream, "avg_frame_rate", '/');
        if (index.Pieces > 1)
            duration = index.Times[^1] - index.Times[0] + (rate > 0 ? 1 / rate : 0);    // the file tells that of one of them
        return new VideoMetadata
        {
            FrameCount = index.Count,
            Width = w,
            Height = h,
            FramesPerSecond = rate,
            Duration = TimeSpan.FromSeconds(duration > 0 ? duration : rate > 0 ? index.Count / rate : 0),
            Rotation = rotation,
            PixelAspectRatio = aspect,
            Codec = stream.GetValueOrDefault("codec_name", ""),
            Container = _format.GetValueOrDefault("format_name", ""),
            PixelFormat = stream.GetValueOrDefault("pix_fmt", ""),
            VideoStreamCount = _streams.Count,
            Notes = Notes(index, width, height),
        };
    }

    private string Notes(PacketIndex index, int width, int height)
    {
        var notes = new List<string>();
        if (_streams.Count > 1)
            notes.Add($"The file has {_streams.Count} video streams; the first ({width}x{height}) is read and the others are ignored.");
        if (index.Pieces > 1)
            notes.Add($"{index.Pieces} recordings are joined in the file, as its times begin anew; " +
                "each is taken to follow the one before.");
        return string.Join(" ", notes);
    }

    private static double Ratio(Dictionary<string, string> fields, string name, char separator)
    {
        string[] parts = fields.GetValueOrDefault(name, "").Split(separator);
        return parts.Length == 2
            && double.TryParse(parts[0], CultureInfo.InvariantCulture, out double numerator)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double denominator)
            && denominator > 0 ? numerator / denominator : 0;
    }

    private static double Number(Dictionary<string, string> fields, string name)
        => double.TryParse(fields.GetValueOrDefault(name), CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : 0;

    private static Dictionary<string, string> Fields(string line)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string field in line.Split('|'))
        {
            int equals = field.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                fields[Name(field[..equals])] = field[(equals + 1)..];
        }

        return fields;
    }

    /// <summary>FFmpeg 7 and later put the kind of a part before the names in it: "side_datum/display_matrix:rotation".</summary>
    private static string Name(string field) => field[(field.LastIndexOf(':') + 1)..];

    private void AddStream(Dictionary<string, string> stream)
    {
        // A file with programs, as a transport stream, may list a stream once in its program and once on its own.
        if (!_streams.Exists(s => s.GetValueOrDefault("index") == stream.GetValueOrDefault("index")))
            _streams.Add(stream);
    }

    private void AddPacket(Dictionary<string, string> packet)
    {
        string flags = packet.GetValueOrDefault("flags", "");
        if (flags.Contains('D', StringComparison.Ordinal))
            return;     // decoded and thrown away: cut off by the file's edit list
        Add(packet, "pts_time", "dts_time", flags.Contains('K', StringComparison.Ordinal));
    }

    private void AddFrame(Dictionary<string, string> frame)
        => Add(frame, "best_effort_timestamp_time", null, frame.GetValueOrDefault("key_frame") == "1");

    private void Add(Dictionary<string, string> fields, string timeField, string? decodeTimeField, bool isKey)
    {
        int stream = (int)Number(fields, "stream_index");
        if (!_packets.TryGetValue(stream, out List<Packet>? packets))
            _packets.Add(stream, packets = []);
        packets.Add(new Packet(Time(fields, timeField), decodeTimeField is null ? double.NaN : Time(fields, decodeTimeField), isKey));
    }

    private static double Time(Dictionary<string, string> fields, string name)
        => double.TryParse(fields.GetValueOrDefault(name), CultureInfo.InvariantCulture, out double time) ? time : double.NaN;
}
