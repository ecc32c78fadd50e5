// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Text.Json;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests;

/// <summary>Finds golden data, which is committed, and real videos, which are not.</summary>
internal static class ReferenceFiles
{
    /// <summary>The full path of a golden file.</summary>
    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Reference", name);

    public static JsonDocument Json(string name) => JsonDocument.Parse(File.ReadAllText(Path(name)));

    /// <summary>The full path of a real video or data set; the test is Inconclusive where they are not at hand.</summary>
    public static string Video(string name)
    {
        string? folder = Environment.GetEnvironmentVariable("VIDEOMAE_TEST_DATA");
        if (string.IsNullOrEmpty(folder))
            Assert.Inconclusive("This test needs real videos: set VIDEOMAE_TEST_DATA to a folder with tank-wagon, weizmann4 and videos.");
        return System.IO.Path.Combine(folder!, name);
    }
}
