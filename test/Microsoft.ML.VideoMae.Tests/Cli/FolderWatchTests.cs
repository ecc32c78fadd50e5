// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Tests.Loading;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using SkiaSharp;
using VideoMaeCli;

namespace Microsoft.ML.VideoMae.Tests.Cli;

/// <summary>What arrives in a watched folder.</summary>
[TestClass]
public sealed class FolderWatchTests
{
    [TestMethod]
    public void VideosAndFramesArrive_AndOtherFilesAreSaidOnce()
    {
        using DataSetFolder folder = new DataSetFolder().With("there-before.mp4");
        var notes = new ConcurrentQueue<string>();
        var arrived = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var isListening = new ManualResetEventSlim();
        Task watching = Task.Run(() =>
        {
            isListening.Set();
            foreach (string path in new FolderWatch(folder.Path, notes.Enqueue).Arrivals(stop.Token))
            {
                arrived.Enqueue(Path.GetFileName(path));
                if (arrived.Count == 2)
                    stop.Cancel();
            }
        });
        isListening.Wait();
        Thread.Sleep(300); // It lists what is there before it waits.
        folder.With("notes.txt", "other/notes.txt").WithNotUtf8("").With("videos/1.mp4").WithFrames("frames", SKColors.Red).With("new.mp4");
        watching.Wait();
        CollectionAssert.AreEqual(new[] { "new.mp4", "frames" }, arrived.ToArray());
        Assert.HasCount(3, notes, string.Join("\n", notes));
        Assert.IsTrue(notes.Any(n => n.Contains("notes.txt' has no ending of a video")) && notes.Any(n => n.Contains("not UTF-8")));
    }
}
