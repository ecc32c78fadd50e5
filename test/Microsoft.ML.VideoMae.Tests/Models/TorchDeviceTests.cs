// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;

namespace Microsoft.ML.VideoMae.Tests.Models;

[TestClass]
public sealed class TorchDeviceTests
{
    [TestMethod]
    public void NoGpuAskedFor_IsTheCpu()
    {
        var ml = new MLContext();
        List<string> log = [];
        ml.Log += (_, e) => log.Add(e.RawMessage);
        using IChannel channel = ((IHostEnvironment)ml).Start("Test");
        Assert.AreEqual(DeviceType.CPU, TorchDevice.Select(ml, channel).type);
        Assert.Contains("Running on the CPU; set GpuDeviceId to use a GPU.", log);
    }

    [TestMethod]
    public void Index_IsHonoured()
    {
        (int? index, string reason) = TorchDevice.Choose(1, false, cudaDevices: 2);
        Assert.AreEqual(1, index);
        Assert.AreEqual("Running on CUDA device 1 of 2.", reason);
    }

    [TestMethod]
    public void MissingIndex_FallsBackOnlyWhereAllowed()
    {
        (int? index, string reason) = TorchDevice.Choose(2, true, cudaDevices: 2);
        Assert.IsNull(index);
        Assert.AreEqual("GpuDeviceId 2 was asked for, but only the devices 0 to 1 exist: falling back to the CPU.", reason);
        string message = Assert.ThrowsExactly<InvalidOperationException>(() => TorchDevice.Choose(0, false, cudaDevices: 0)).Message;
        Assert.AreEqual(
            "GpuDeviceId 0 was asked for, but no CUDA device was found (is a TorchSharp-cuda package referenced?). " +
            "Choose another device, or set FallbackToCpu to true.", message);
    }

    [TestMethod]
    public void MissingLibrary_IsNamed() =>
        StringAssert.Contains(TorchRuntime.MissingMessage(new DllNotFoundException("LibTorchSharp")), "TorchSharp-cpu, " +
            "TorchSharp-cuda-linux or TorchSharp-cuda-windows");
}
