// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

namespace Microsoft.ML.VideoMae.Decoding;

/// <summary>What ffmpeg may open.</summary>
/// <remarks>
/// Formats that point at other files or at the network are not listed: hls, dash, concat, image2, sdp, rtsp, lavfi, tee, vapoursynth, ...
/// A file that turns out to be one of these is refused whatever its name says.
/// </remarks>
internal static class AllowedFormats
{
    public const string Protocols = "file,pipe";

    public const string Demuxers =
        "mov,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,h261,h263,h264,hevc,vvc,av1,obu,ivf,vc1,dirac,mjpeg,"
        + "flv,asf,ogg,gif,apng,dv,mxf,nut,rm,wtv,yuv4mpegpipe,"
        + "wav,mp3,aac,flac";    // sound alone: opened to say that there is no video in it
}
