// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TorchSharp;
using TorchSharp.Modules;
using static Microsoft.ML.VideoMae.Tests.Modeling.ReferenceData;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Tests.Modeling;

/// <summary>Three AdamW steps on a fixed batch against the reference's losses and weights.</summary>
internal static class GoldenTraining
{
    internal static double[] Scalars(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(PathOf("tiny", "expected", "scalars.json")));
        JsonElement value = document.RootElement.GetProperty("values").GetProperty(name);
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => item.GetDouble())] : [value.GetDouble()];
    }

    internal static void AssertSteps(VideoMaePreTrainedModel model, Func<Tensor> loss, double beta2, string losses, string weights)
    {
        using var optimizer = optim.AdamW(model.parameters(), lr: 1e-3, beta1: 0.9, beta2: beta2, eps: 1e-8, weight_decay: 0.05);
        double[] expectedLosses = Scalars(losses);
        for (int step = 0; step < 3; step++)
        {
            optimizer.zero_grad();
            using Tensor value = loss();
            AssertLoss(expectedLosses[step], value, $"loss before step {step + 1}", 1e-5);
            model.Backward(value);
            optimizer.step();
        }

        using Tensor last = loss();
        AssertLoss(expectedLosses[3], last, "loss after step 3", 1e-5);
        IReadOnlyDictionary<string, Tensor> expected = Load("tiny", "expected", weights);
        Assert.AreEqual(expected.Count, model.named_parameters().Count());
        foreach ((string name, Parameter parameter) in model.named_parameters())
            AssertClose(expected[name], parameter, name, 5e-5);
    }
}
