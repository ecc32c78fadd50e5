// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.ML.VideoMae;

namespace VideoWebApi;

/// <summary>Answers a video that cannot be read with a problem (RFC 9457) that says what is wrong with it.</summary>
internal sealed class VideoErrorHandler(IProblemDetailsService problems) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is not VideoReadException unreadable)
            return false;
        context.Response.StatusCode = unreadable.Error switch
        {
            // What is missing or broken here is not the sender's fault.
            VideoReadError.DecoderMissing or VideoReadError.DecoderFailed or VideoReadError.NoTemporaryFile =>
                StatusCodes.Status500InternalServerError,
            VideoReadError.TooLarge => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status422UnprocessableEntity,
        };
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = context,
            Exception = exception,
            ProblemDetails = new ProblemDetails
            {
                Status = context.Response.StatusCode,
                Title = "Unreadable video",
                Detail = $"The video cannot be read: {unreadable.Reason}"
            },
        });
    }
}
