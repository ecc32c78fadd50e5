// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// A web service that classifies uploaded videos, and a page to drop a video on.
//
//   dotnet run -c Release --project samples/VideoWebApi -- --model actions.zip                     then open http://localhost:5000
//   curl -F video=@clip.mp4 http://localhost:5000/predict
//
// The model is one that a classification pipeline with LoadVideos("Video", "VideoPath") and MapKeyToValue("PredictedLabel") saved, as
// build/demo.sh does (demo-output/actions.zip). --megabytes N changes the size limit of an upload (50); --urls is ASP.NET Core's.
using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using VideoWebApi;

var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
if (builder.Configuration["model"] is not string path || !File.Exists(path))
{
    Console.Error.WriteLine($"There is no model '{builder.Configuration["model"]}'. Usage: VideoWebApi --model MODEL.zip [--megabytes N] " +
        "[--urls http://localhost:5000]");
    return 1;
}

long limit = builder.Configuration.GetValue("megabytes", 50L) << 20;
using PredictionPool? pool = PredictionPool.TryLoad(path, out string problem);
if (pool is null)
{
    Console.Error.WriteLine($"'{path}' is not a classifier of videos that can be loaded: {problem} Give the .zip that " +
        "build/demo.sh or 'videomae train' wrote.");
    return 1;
}

builder.Services.AddSingleton(pool);
builder.Services.AddExceptionHandler<VideoErrorHandler>();
builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context =>
    context.ProblemDetails.Detail ??= context.ProblemDetails.Status switch
    {
        StatusCodes.Status400BadRequest or StatusCodes.Status415UnsupportedMediaType =>
            "Send the video as the field 'video' of a form (multipart/form-data).",
        StatusCodes.Status413PayloadTooLarge => $"The file is larger than the {limit >> 20} MB that this service takes.",
        StatusCodes.Status503ServiceUnavailable => "Too many videos are waiting. Try again later.",
        _ => null,
    });
builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = false);
// A form has a little more in it than the file.
long formLimit = limit + 4096;
builder.WebHost.ConfigureKestrel(server => server.Limits.MaxRequestBodySize = formLimit);
builder.Services.Configure<FormOptions>(form => form.MultipartBodyLengthLimit = formLimit);
// Every prediction uses all processors: two at a time keep them busy, and others wait. Who comes when too many wait is told so at once.
builder.Services.AddRateLimiter(limiter => limiter
    .AddConcurrencyLimiter("predictions", options => (options.PermitLimit, options.QueueLimit) = (2, 100))
    .RejectionStatusCode = StatusCodes.Status503ServiceUnavailable);

WebApplication app = builder.Build();
app.UseExceptionHandler();
app.UseStatusCodePages();
app.Use((context, next) => context.Request.ContentLength > formLimit ? RefuseTooLarge(context) : next(context));
app.UseRateLimiter();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapGet("/limits", () => new { bytes = limit });
app.MapPost("/predict", PredictAsync).RequireRateLimiting("predictions").DisableAntiforgery();
await app.RunAsync();
return 0;

// The server reads on for some seconds after the answer, if it may. A connection that it closed while the sender still sends would be
// an error without a text there.
static Task RefuseTooLarge(HttpContext context)
{
    context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
    context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
    return Task.CompletedTask;
}

static async Task<IResult> PredictAsync(IFormFile video, PredictionPool pool, CancellationToken cancellation)
{
    // The decoder is a process of its own, so it is given a file. Nothing of the name that was sent is used.
    string path = Path.Combine(Path.GetTempPath(), $"upload-{Guid.NewGuid():N}");
    try
    {
        await using (FileStream file = File.Create(path))
            await video.CopyToAsync(file, cancellation);
        VideoPrediction prediction = await Task.Run(() => pool.Predict(path), cancellation);
        return Results.Ok(new
        {
            label = prediction.PredictedLabel,
            scores = pool.Rank(prediction).Select(score => new { label = score.Key, probability = score.Value }),
        });
    }
    finally
    {
        File.Delete(path);
    }
}
