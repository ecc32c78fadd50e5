// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Live;

namespace Microsoft.ML.VideoMae;

/// <summary>
/// A video that is still going on: a stream of the network, a camera, or raw frames. Nothing is opened before it is watched.
/// </summary>
/// <remarks>
/// It is no <see cref="MLVideo"/>, so that no data set can name one. <see cref="VideoTimeline"/> takes it. FFmpeg reads it, in a process of
/// its own. Only a stream that is named here may reach the network, and only by the protocols of its scheme.
/// </remarks>
public sealed record LiveVideo
{
    private LiveVideo(LiveInput input) => Input = input;

    /// <summary>How messages call the video. User names, passwords and queries of URLs are left out.</summary>
    public string Name => Input.Name;

    /// <summary>Shrinks frames so that their shorter side has this many pixels; smaller frames are left alone. Null shrinks none.</summary>
    /// <value>The default value is 360: frames wait in memory, and models see fewer pixels.</value>
    public int? MaxShortSide { get; init; } = 360;

    /// <summary>
    /// How often in a row it is tried to reach a stream or a camera again that broke off, with growing pauses of 1 to 30 seconds. With 0
    /// the end of a stream is its end. Raw frames end with their stream.
    /// </summary>
    /// <value>The default value is 10.</value>
    public int MaxReconnects { get; init; } = 10;

    /// <summary>A stream or a camera that gives no frame for so long is taken to have broken off. Raw frames may pause.</summary>
    /// <value>The default value is 20 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    internal LiveInput Input { get; }

    /// <summary>The first pause before it is tried again; the next ones are twice as long each.</summary>
    internal TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A stream of the network.</summary>
    /// <param name="url">A URL with one of the schemes rtsp, rtsps, rtmp, rtmps, http, https, srt, tcp and udp.</param>
    /// <exception cref="ArgumentException">It is no URL, or has another scheme.</exception>
    public static LiveVideo CreateFromUrl(string url) => new(LiveInput.OfUrl(url));

    /// <summary>A camera that this machine has, by Video4Linux.</summary>
    /// <param name="path">Such as /dev/video0.</param>
    /// <param name="width">The width of a frame to ask the camera for; null takes what it gives.</param>
    /// <param name="height">The height of a frame, given where the width is.</param>
    /// <param name="framesPerSecond">The frame rate to ask for; null takes what it gives.</param>
    /// <param name="format">How the camera is to send frames, such as mjpeg or yuyv422; null takes what it gives.</param>
    /// <exception cref="ArgumentException">The path is none of a video device, or a number or name is not one.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static LiveVideo CreateFromDevice(
        string path, int? width = null, int? height = null, double? framesPerSecond = null, string? format = null) =>
        new(LiveInput.OfDevice(path, width, height, framesPerSecond, format));

    /// <summary>Raw frames of one size, one after the other.</summary>
    /// <param name="stream">The frames. It is read to its end, and not disposed of.</param>
    /// <param name="width">The width of a frame in pixels.</param>
    /// <param name="height">The height of a frame in pixels.</param>
    /// <param name="framesPerSecond">The frame rate, by which each frame has its time.</param>
    /// <param name="pixelFormat">FFmpeg's name of the layout of pixels, such as rgb24, bgr24, gray, yuv420p or nv12.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="ArgumentException">A number is not positive, or the layout is not a name.</exception>
    public static LiveVideo CreateFromRawFrames(Stream stream, int width, int height, double framesPerSecond, string pixelFormat = "rgb24",
        string name = "raw frames")
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new(LiveInput.OfRawFrames(stream, width, height, framesPerSecond, pixelFormat, name));
    }

    /// <summary>
    /// Whether a text has the form of a URL, or of a path of a video device: it names no file. Nothing is looked at.
    /// </summary>
    /// <param name="text">The text.</param>
    public static bool IsLive(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return LiveInput.IsUrl(text) || LiveInput.IsDevice(text);
    }

    /// <summary>The video's name.</summary>
    public override string ToString() => Name;

    /// <summary>Throws if a setting is out of range.</summary>
    internal LiveVideo Validated()
    {
        var problems = new ProblemList();
        problems.AtLeastOne(nameof(MaxShortSide), MaxShortSide ?? 1);
        problems.Require(MaxReconnects >= 0, $"{nameof(MaxReconnects)} is {MaxReconnects}; it must be 0 or more.");
        problems.Require(Timeout > TimeSpan.Zero && Timeout.TotalMilliseconds <= int.MaxValue,
            $"{nameof(Timeout)} is {Timeout}; it must be positive and at most 24 days.");
        problems.ThrowIfAny($"The settings of {nameof(LiveVideo)} are invalid");
        return this;
    }
}
