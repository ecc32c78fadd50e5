// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Microsoft.ML.VideoMae.Tests.Video.Live;

/// <summary>The other side of live videos.</summary>
internal static class StreamServer
{
    public static int FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        return port;
    }

    /// <summary>Waits until someone listens.</summary>
    public static void WaitFor(int port) => SpinWait.SpinUntil(
        () => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(l => l.Port == port), TimeSpan.FromSeconds(30));

    /// <summary>Gives a noisy colour, as fast as a camera, to the first who comes.</summary>
    public static void ServeOnce(string url, string colour, double seconds) => TestClips.Ffmpeg(
    [
        "-re", "-f", "lavfi", "-i", Colour(colour, seconds), "-c:v", "mpeg4", "-q:v", "2", "-g", "4", "-f", "mpegts", "-flush_packets", "1",
        url,
    ]);

    /// <summary>The same as a file.</summary>
    public static byte[] MakeTransportStream(string colour, double seconds)
    {
        string folder = TestClips.NewFolder(), path = Path.Combine(folder, "a.ts");
        TestClips.Ffmpeg(["-f", "lavfi", "-i", Colour(colour, seconds), "-c:v", "mpeg4", "-q:v", "2", "-g", "4", path]);
        byte[] bytes = File.ReadAllBytes(path);
        Directory.Delete(folder, recursive: true);
        return bytes;
    }

    private static string Colour(string name, double seconds) => string.Create(CultureInfo.InvariantCulture,
        $"color={name}:size=32x24:rate=8:duration={seconds},noise=alls=40:all_seed=3:allf=t");
}

/// <summary>A camera: the part of RTSP (RFC 2326) that a player needs, with a transport stream over RTP in the same connection.</summary>
/// <param name="stream">An MPEG transport stream.</param>
/// <param name="staysOpen">Whether the connection stays open at its end.</param>
internal sealed class RtspServer : IDisposable
{
    private const int PacketsTogether = 7;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _stream;
    private readonly bool _staysOpen;

    public RtspServer(byte[] stream, bool staysOpen = false)
    {
        (_stream, _staysOpen) = (stream, staysOpen);
        _listener.Start();
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public string Url => $"rtsp://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/camera";

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private void Serve()
    {
        try
        {
            while (true)
            {
                using TcpClient client = _listener.AcceptTcpClient();
                Answer(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The player, or the test, has ended.
        }
    }

    private void Answer(NetworkStream network)
    {
        using var reader = new StreamReader(network, Encoding.ASCII, leaveOpen: true);
        while (reader.ReadLine() is string request)
        {
            string sequence = "1";
            while (reader.ReadLine() is { Length: > 0 } line)
            {
                if (line.StartsWith("CSeq:", StringComparison.OrdinalIgnoreCase))
                    sequence = line[5..].Trim();
            }

            string method = request.Split(' ')[0];
            string sdp = method != "DESCRIBE" ? "" :
                "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track\r\n";
            string more = method switch
            {
                "OPTIONS" => "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n",
                "DESCRIBE" => $"Content-Base: {Url}/\r\nContent-Type: application/sdp\r\nContent-Length: {sdp.Length}\r\n",
                "SETUP" => "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 7\r\n",
                _ => "Session: 7\r\n",
            };
            network.Write(Encoding.ASCII.GetBytes($"RTSP/1.0 200 OK\r\nCSeq: {sequence}\r\n{more}\r\n{sdp}"));
            if (method != "PLAY")
                continue;
            Play(network);
            if (_staysOpen)
                _stop.Token.WaitHandle.WaitOne();
            return;
        }
    }

    private void Play(NetworkStream network)
    {
        int size = PacketsTogether * 188;
        for (int i = 0, number = 0; i < _stream.Length && !_stop.IsCancellationRequested; i += size, number++)
        {
            int length = Math.Min(size, _stream.Length - i), rtp = length + 12;
            var packet = new List<byte> { (byte)'$', 0, (byte)(rtp >> 8), (byte)rtp, 0x80, 33, (byte)(number >> 8), (byte)number };
            packet.AddRange([0, 0, 0, 0, 0, 0, 0, 9]);     // a time that nobody asks for: the transport stream has its own
            packet.AddRange(_stream[i..(i + length)]);
            network.Write([.. packet]);
        }
    }
}
