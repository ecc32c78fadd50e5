// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

// Watches a stream of frames, such as a camera's, and says every half second what happened in the last second.
//
//   dotnet run -c Release --project samples/WatchStream -- actions.zip clip.mp4                                    a file, at its own speed
//   dotnet run -c Release --project samples/WatchStream -- actions.zip -- -f v4l2 -i /dev/video0                   a camera on Linux
//   dotnet run -c Release --project samples/WatchStream -- actions.zip -- -re -f lavfi -i testsrc2=duration=10     a test picture
//
// MODEL is a .zip that a trainer saved, a checkpoint's folder or file, or a hub id. What stands behind -- is ffmpeg's: any input it reads.
// Where the model is slower than the stream, windows are left out, so that what is printed is always about now.
using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.VideoMae;
using WatchStream;

var model = new Argument<string>("MODEL") { Description = "A .zip that a trainer saved, a checkpoint's folder or file, or a hub id." };
var source = new Argument<string[]>("SOURCE")
{
    Description = "A video file, or -- and the input options of ffmpeg.",
    Arity = ArgumentArity.OneOrMore
};
var window = new Option<double>("--window")
{
    DefaultValueFactory = _ => 1,
    Description = "The seconds that a prediction is about; the model's frames are spread over them."
};
var every = new Option<double>("--every") { DefaultValueFactory = _ => 0.5, Description = "The seconds from one prediction to the next." };
foreach (Option<double> seconds in (Option<double>[])[window, every])
    seconds.Validators.Add(Positive);
var command = new RootCommand("Says what happens in a stream while it happens.") { model, source, window, every };
command.SetAction((options, cancellation) => WatchAsync(
    options.GetValue(model)!, options.GetValue(source)!, options.GetValue(window), options.GetValue(every), cancellation));
return await command.Parse(args).InvokeAsync();

static void Positive(OptionResult result)
{
    if (result.GetValueOrDefault<double>() <= 0)
        result.AddError($"{result.Option.Name} has to be above 0.");
}

static async Task<int> WatchAsync(string path, string[] source, double window, double every, CancellationToken cancellation)
{
    try
    {
        using VideoMaeClassificationTransformer model = new MLContext().Model.LoadVideoMae(path);
        // As many frames a second as make a window one clip of the model's, already of its size.
        double rate = model.Config.NumFrames / window;
        using var stream = new FrameStream(source, model.Config.ImageSize.Width, model.Config.ImageSize.Height, rate, cancellation);
        var windows = new SlidingWindows(stream, model.Config.NumFrames, Math.Max(1, (int)Math.Round(every * rate)));
        Warm(model);
        Console.WriteLine("  time  what happens");
        var latencies = new List<double>();
        await foreach (Window w in windows.ReadAsync(cancellation))
        {
            var scores = model.Predict(MLVideo.CreateFromFrames(w.Frames), count: 3);
            latencies.Add(w.Age.TotalMilliseconds);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{w.Frame / rate,6:0.0}  {string.Join("  ", scores.Select(score => $"{score.Key} {score.Value:0.00}")),-50} " +
                $"{latencies[^1],5:0} ms after its last frame"));
        }

        if (latencies.Count == 0)
            Console.WriteLine("The stream ended before it filled a window.");
        else
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{latencies.Count} predictions, {windows.LeftOut} windows left out; latency {latencies.Average():0} ms on average, " +
                $"{latencies.Max():0} ms at most"));
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 0;
    }
    catch (Exception e) when (e is IOException or InvalidDataException or ArgumentException)
    {
        Console.Error.WriteLine(e.Message);
        return 1;
    }
}

// The first prediction of a process takes longer than all others.
static void Warm(VideoMaeClassificationTransformer model)
{
    int count = model.Config.NumFrames, height = model.Config.ImageSize.Height, width = model.Config.ImageSize.Width;
    model.Predict(MLVideo.CreateFromFrames(new VideoFrames(new byte[count * height * width * VideoFrames.Channels], count, height, width)));
}
