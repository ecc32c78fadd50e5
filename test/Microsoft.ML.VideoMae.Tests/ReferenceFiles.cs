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
    public static string Video(string name) => System.IO.Path.Combine(Videos, name);

    /// <summary>
    /// The folder of real videos and data sets: the one that VIDEOMAE_TEST_DATA names, or shared/data beside the repository. The test is
    /// Inconclusive where there is none.
    /// </summary>
    public static string Videos
    {
        get
        {
            string? named = Environment.GetEnvironmentVariable("VIDEOMAE_TEST_DATA");
            string folder = string.IsNullOrEmpty(named)
                ? System.IO.Path.GetFullPath("../../../../../../shared/data", AppContext.BaseDirectory)
                : named;
            if (!Directory.Exists(System.IO.Path.Combine(folder, "videos")))
                Assert.Inconclusive($"This test needs real videos, and '{folder}' has none: set VIDEOMAE_TEST_DATA to a folder with " +
                    "tank-wagon, weizmann4 and videos.");
            return folder;
        }
    }
}
