// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Sends requests to the hub: follows redirects itself, so that the token goes to the hub's own host and nowhere else.</summary>
internal sealed class HubHttp(HuggingFaceHubOptions options)
{
    private const int MaxRedirects = 10;

    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    // One for the process: connections are pooled, and names are looked up anew now and then.
    private static readonly HttpClient s_client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    private readonly Uri _endpoint = new(options.Endpoint.TrimEnd('/') + "/");

    /// <summary>The address of a file of a repository.</summary>
    public Uri Address(string repository, string revision, string file) =>
        new(_endpoint, $"{repository}/resolve/{Uri.EscapeDataString(revision)}/{file}");

    /// <summary>Asks for the headers of a file, without leaving the hub's host.</summary>
    /// <param name="address">The file.</param>
    /// <param name="insist">Whether a server that cannot be reached is tried again.</param>
    /// <param name="cancellationToken">Ends the attempts.</param>
    /// <returns>The answers in order of redirects; dispose them.</returns>
    public async Task<HubAnswers> HeadAsync(Uri address, bool insist, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan pause = options.RetryDelay * (1 << Math.Min(attempt - 1, 6));
            try
            {
                HubAnswers answers = await SendAsync(HttpMethod.Head, address, 0, stayOnHost: true, cancellationToken)
                    .ConfigureAwait(false);
                if (!IsTransient(answers.Last.StatusCode) || attempt >= options.MaxAttempts)
                    return answers;
                if (answers.Last.Headers.RetryAfter?.Delta is { } asked)
                    pause = asked < s_longestPause ? asked : s_longestPause;
                answers.Dispose();
            }
            catch (HubException e) when (e.Error == HubError.Network && insist && attempt < options.MaxAttempts)
            {
                // Tried again after the pause.
            }

            await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for the content of a file from a byte on.</summary>
    /// <returns>The answers in order of redirects; dispose them.</returns>
    public Task<HubAnswers> GetAsync(Uri address, long from, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, address, from, stayOnHost: false, cancellationToken);

    /// <summary>Whether an answer means: try again later.</summary>
    public static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private async Task<HubAnswers> SendAsync(HttpMethod method, Uri address, long from, bool stayOnHost,
        CancellationToken cancellationToken)
    {
        var answers = new HubAnswers();
        try
        {
            for (int hop = 0; hop <= MaxRedirects; hop++)
            {
                HttpResponseMessage answer = await SendOnceAsync(method, address, from, cancellationToken).ConfigureAwait(false);
                answers.Add(answer);
                if (Redirect(answer, address) is not { } target || (stayOnHost && !SameHost(target, address)))
                    return answers;
                if (target.Scheme != Uri.UriSchemeHttps && (target.Scheme != Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps))
                    throw new HubException(HubError.Server,
                        $"'{address}' redirects to '{target}'; only https, or http from http, is followed.");
                address = target;
            }

            throw new HubException(HubError.Server, $"'{address}' redirects more than {MaxRedirects} times.");
        }
        catch
        {
            answers.Dispose();
            throw;
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(HttpMethod method, Uri address, long from, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.UserAgent.Add(
            new ProductInfoHeaderValue("Microsoft.ML.VideoMae", typeof(HubHttp).Assembly.GetName().Version!.ToString()));
        // Sizes and ranges count the bytes of the file itself.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (from > 0)
            request.Headers.Range = new RangeHeaderValue(from, null);
        if (options.Token is { } token && SameHost(address, _endpoint))
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.RequestTimeout);
        try
        {
            return await s_client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubException(HubError.Network,
                $"'{address.GetLeftPart(UriPartial.Path)}' did not answer within {options.RequestTimeout.TotalSeconds:0.#} s.", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new HubException(HubError.Network, $"'{address.GetLeftPart(UriPartial.Path)}' could not be reached: {e.Message}", e);
        }
    }

    private static Uri? Redirect(HttpResponseMessage answer, Uri from) =>
        (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308 && answer.Headers.Location is { } location
            ? new Uri(from, location) : null;

    private static bool SameHost(Uri a, Uri b) =>
        a.Scheme == b.Scheme && a.Port == b.Port && string.Equals(a.IdnHost, b.IdnHost, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The answers to one request: redirects, then the last one.</summary>
internal sealed class HubAnswers : IDisposable
{
    private readonly List<HttpResponseMessage> _answers = [];

    public IReadOnlyList<HttpResponseMessage> All => _answers;

    public HttpResponseMessage Last => _answers[^1];

    public void Add(HttpResponseMessage answer) => _answers.Add(answer);

    public void Dispose()
    {
        foreach (HttpResponseMessage answer in _answers)
            answer.Dispose();
    }
}
