// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Text.Json;
using Microsoft.ML.VideoMae.Training;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Training;

[TestClass]
public sealed class LearningRateScheduleTests
{
    [TestMethod]
    public void Schedule_EqualsTheOriginals()
    {
        using JsonDocument golden = ReferenceFiles.Json("recipe/cosine_schedule.json");
        int cases = 0;
        foreach (JsonElement item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            JsonElement args = item.GetProperty("args");
            int perEpoch = args.GetProperty("niter_per_ep").GetInt32();
            double start = args.TryGetProperty("start_warmup_value", out JsonElement value) ? value.GetDouble() : 0;
            int warmup = args.TryGetProperty("warmup_steps", out JsonElement steps) && steps.GetInt32() > 0
                ? steps.GetInt32()
                : args.TryGetProperty("warmup_epochs", out JsonElement epochs) ? epochs.GetInt32() * perEpoch : 0;
            var schedule = new LearningRateSchedule(start, args.GetProperty("base_value").GetDouble(),
                args.GetProperty("final_value").GetDouble(), warmup, args.GetProperty("epochs").GetInt32() * perEpoch);
            int step = 0;
            foreach (JsonElement expected in item.GetProperty("values").EnumerateArray())
            {
                Assert.AreEqual(expected.GetDouble(), schedule[step], 1e-15, $"case {cases}, step {step}");
                step++;
            }

            cases++;
        }

        Assert.IsGreaterThanOrEqualTo(2, cases);
    }

    [TestMethod]
    public void WarmupLongerThanTheRun_IsCutToIt()
    {
        var schedule = new LearningRateSchedule(0, 1, 0, warmupSteps: 100, totalSteps: 10);
        Assert.AreEqual(1, schedule[9], 1e-12);
    }
}
