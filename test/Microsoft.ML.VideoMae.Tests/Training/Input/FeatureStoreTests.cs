// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training.Input;

/// <summary>Several runs over one workspace.</summary>
[TestClass]
public sealed class FeatureStoreTests
{
    private const int Rows = 8, Length = 1000;

    private readonly string _folder = TestClips.NewFolder();

    private string FilePath => Path.Combine(_folder, "features.bin");

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void TwoStoresOfOneFile_ReadWhatTheOtherWrote()
    {
        using var first = new FeatureStore(FilePath, Rows, Length, half: false);
        first.Write(3, Row(3));
        using var second = new FeatureStore(FilePath, Rows, Length, half: false);
        Assert.IsTrue(second.Has(3), "opening it again leaves rows as they are");
        Assert.IsFalse(second.Has(4));
        second.Write(4, Row(4));
        Assert.IsTrue(first.Has(4));
        var read = new float[Length];
        first.Read(4, read);
        CollectionAssert.AreEqual(Row(4), read);
    }

    [TestMethod]
    public void SecondWriter_WaitsForTheFirst_AndFindsItsRows()
    {
        using var first = new FeatureStore(FilePath, Rows, Length, half: true);
        using var second = new FeatureStore(FilePath, Rows, Length, half: true);
        using IDisposable? held = first.LockForWriting(() => Assert.Fail("nobody else is there"), CancellationToken.None);
        using var isWaiting = new ManualResetEventSlim();
        Task<int> other = Task.Run(() =>
        {
            using IDisposable? own = second.LockForWriting(isWaiting.Set, CancellationToken.None);
            return Enumerable.Range(0, Rows).Count(second.Has);
        });
        Assert.IsTrue(isWaiting.Wait(TimeSpan.FromSeconds(30)));
        for (int row = 0; row < Rows; row++)
            first.Write(row, Row(row));
        Assert.IsFalse(other.IsCompleted);
        held!.Dispose();
        Assert.AreEqual(Rows, other.Result, "nothing is left to compute");
    }

    [TestMethod]
    public void Waiting_CanBeCancelled()
    {
        using var first = new FeatureStore(FilePath, Rows, Length, half: true);
        using var second = new FeatureStore(FilePath, Rows, Length, half: true);
        using IDisposable? held = first.LockForWriting(() => { }, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        Assert.ThrowsExactly<OperationCanceledException>(() => second.LockForWriting(stop.Cancel, stop.Token));
    }

    [TestMethod]
    public void TemporaryStores_NeverWait()
    {
        using var store = new FeatureStore(null, Rows, Length, half: true);
        Assert.IsNull(store.LockForWriting(() => Assert.Fail("there is nobody to wait for"), CancellationToken.None));
    }

    private static float[] Row(int row) => [.. Enumerable.Range(0, Length).Select(i => row + i / (float)Length)];
}
