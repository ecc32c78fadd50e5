// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Reflection;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Trainers;

[TestClass]
public sealed class OptionsDocumentTests
{
    [TestMethod]
    public void EveryOption_StandsInTheTable()
    {
        string document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../../docs/fine-tuning.md"));
        string[] missing = [.. typeof(VideoMaeTrainer.Options).GetFields(BindingFlags.Public | BindingFlags.Instance)
            .Select(field => field.Name)
            .Where(name => !document.Contains($"`{name}`", StringComparison.Ordinal))];
        Assert.IsEmpty(missing, string.Join(", ", missing));
    }
}
