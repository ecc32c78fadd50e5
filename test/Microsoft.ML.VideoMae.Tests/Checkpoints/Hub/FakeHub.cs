// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Checkpoints;

namespace Microsoft.ML.VideoMae.Tests.Checkpoints;

/// <summary>A hub on the loopback interface: one repository, whose large files are on a second host, as on the real one.</summary>
internal sealed class FakeHub : IDisposable
{
    public const string Id = "org/tiny-model";
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly HttpListener _hub;
    private readonly HttpListener _storage;
    private readonly string _storageAddress;
    private readonly string _cache = Directory.CreateTempSubdirectory("hub").FullName;

    public FakeHub()
    {
        (_hub, Address) = Listen("127.0.0.1");
        (_storage, _storageAddress) = Listen("localhost");
        _ = ServeAsync(_hub);
        _ = ServeAsync(_storage);
    }

    public sealed record Request(string Method, string Host, string Path, string? Authorization, string? Range);

    /// <summary>The files of the repository; those that end in .safetensors or .bin are on the second host.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public string Address { get; }

    public string CacheFolder => _cache;

    public ConcurrentQueue<Request> Requests { get; } = new();

    /// <summary>Decides on the number of bytes after which the next download of a file breaks off; null for none.</summary>
    public Func<string, int?> BreakAfter { get; set; } = _ => null;

    /// <summary>Changes what is sent for a file.</summary>
    public Func<string, byte[], byte[]> Tamper { get; set; } = (_, content) => content;

    /// <summary>Answers some requests of the hub (not of the second host) differently.</summary>
    public Func<HttpListenerRequest, HttpListenerResponse, bool> Override { get; set; } = (_, _) => false;

    public bool SupportsRange { get; set; } = true;

    public HuggingFaceHubOptions Options => new()
    {
        CacheFolder = _cache,
        Endpoint = Address,
        Token = null,
        Offline = false,
        RetryDelay = TimeSpan.FromMilliseconds(1),
        RequestTimeout = TimeSpan.FromSeconds(20),
        StallTimeout = TimeSpan.FromSeconds(20),
    };

    public int Downloads(string file) =>
        Requests.Count(r =>
            r.Method == "GET"
            && r.Path.EndsWith("/" + file, StringComparison.Ordinal)
            && r.Host.StartsWith(IsLarge(file) ? "localhost" : "127", StringComparison.Ordinal));

    public static string Hash(string file, byte[] content) => IsLarge(file)
        ? Convert.ToHexStringLower(SHA256.HashData(content))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content]));

    public void Dispose()
    {
        _hub.Close();
        _storage.Close();
        Directory.Delete(_cache, recursive: true);
    }

    private static bool IsLarge(string file) =>
        file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".bin", StringComparison.Ordinal);

    private static (HttpListener Listener, string Address) Listen(string host)
    {
        while (true)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            int port = ((IPEndPoint)probe.LocalEndpoint).Port;
            probe.Stop();
            string address = $"http://{host}:{port}";
            var listener = new HttpListener { Prefixes = { address + "/" } };
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException)
            {
                listener.Close();    // the port was taken in between
            }
        }
    }

    private async Task ServeAsync(HttpListener listener)
    {
        while (listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => Answer(context, listener == _storage));
        }
    }

    private void Answer(HttpListenerContext context, bool storage)
    {
        (HttpListenerRequest request, HttpListenerResponse response) = (context.Request, context.Response);
        Requests.Enqueue(
            new Request(
                request.HttpMethod, request.UserHostName, request.Url!.AbsolutePath, request.Headers["Authorization"],
                request.Headers["Range"]));
        try
        {
            if (storage || !Override(request, response))
                AnswerFile(request, response, storage);
            response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            response.Abort();    // the client hung up
        }
    }

    private void AnswerFile(HttpListenerRequest request, HttpListenerResponse response, bool storage)
    {
        string[] path = request.Url!.AbsolutePath.Trim('/').Split('/', 5);    // org/name/resolve/revision/file
        response.Headers["X-Repo-Commit"] = Commit;
        if (path.Length < 5
            || $"{path[0]}/{path[1]}" != Id
            || path[3] is not ("main" or Commit)
            || !Files.TryGetValue(path[4], out byte[]? content))
        {
            bool repository = path.Length >= 5 && $"{path[0]}/{path[1]}" == Id;
            response.Headers["X-Error-Code"] =
                !repository ? "RepoNotFound"
                : path[3] is "main" or Commit ? "EntryNotFound"
                : "RevisionNotFound";
            response.StatusCode = 404;
            return;
        }

        string file = path[4];
        response.Headers["ETag"] = $"\"{Hash(file, content)}\"";
        if (IsLarge(file) && !storage)
        {
            response.Headers["X-Linked-Etag"] = response.Headers["ETag"];
            response.Headers["X-Linked-Size"] = content.Length.ToString(CultureInfo.InvariantCulture);
            response.Redirect($"{_storageAddress}{request.Url.AbsolutePath}");
            return;
        }

        Send(request, response, file, Tamper(file, content));
    }

    private void Send(HttpListenerRequest request, HttpListenerResponse response, string file, byte[] content)
    {
        int from = 0;
        if (SupportsRange && request.Headers["Range"] is { } range)
        {
            from = int.Parse(range.Replace("bytes=", "", StringComparison.Ordinal).TrimEnd('-'), CultureInfo.InvariantCulture);
            if (from >= content.Length)
            {
                response.StatusCode = 416;
                return;
            }

            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        response.ContentLength64 = content.Length - from;
        if (request.HttpMethod == "HEAD")
            return;
        int? cut = BreakAfter(file);
        int end = cut is { } c ? Math.Min(content.Length, from + c) : content.Length;
        response.OutputStream.Write(content, from, end - from);
        response.OutputStream.Flush();
        if (end < content.Length)
            response.Abort();
    }
}
