// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Net.Http;

namespace Microsoft.ML.VideoMae.Checkpoints;

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
