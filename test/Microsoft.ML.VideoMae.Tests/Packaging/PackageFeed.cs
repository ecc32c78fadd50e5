// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using Microsoft.ML.VideoMae.Tests.Documents;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>A folder feed with all packages, packed once from this repository's sources.</summary>
internal static class PackageFeed
{
    private static readonly Lazy<string> s_folder = new(Pack);

    /// <summary>Higher than what any cache of packages has.</summary>
    public static string Version { get; } = $"0.1.0-test.{DateTime.UtcNow.Ticks}";

    /// <summary>The folder; packed when first asked for.</summary>
    public static string Folder => s_folder.Value;

    /// <summary>Packs a copy of the sources, so that nothing of this build is disturbed or used.</summary>
    public static void Pack(string sources, string feed, string version)
    {
        CopySources(sources);
        foreach (string project in (string[])
                ["Microsoft.ML.VideoMae", "Microsoft.ML.VideoMae.Weights", "Microsoft.ML.VideoMae.ImageFeatures", "Microsoft.ML.VideoMae.Cli"])
        {
            DotNet.Run(
                sources, "pack", Path.Combine("src", project, $"{project}.csproj"), "-c", "Release", "-o", feed, $"-p:Version={version}",
                "-p:ContinuousIntegrationBuild=true", "-v", "quiet", "--nologo");
        }
    }

    /// <summary>A fresh folder that goes when the tests end: applications with libtorch are large.</summary>
    public static string NewFolder()
    {
        string folder = TestClips.NewFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private static string Pack()
    {
        string feed = NewFolder();
        Pack(Path.Combine(NewFolder(), "sources"), feed, Version);
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (string package in (string[])
                    ["microsoft.ml.videomae", "microsoft.ml.videomae.weights", "microsoft.ml.videomae.imagefeatures"])
            {
                string cached = Path.Combine(cache, package, Version);
                if (Directory.Exists(cached))
                    Directory.Delete(cached, recursive: true);
            }
        };
        return feed;
    }

    private static void CopySources(string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(DocumentCode.Root))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (string folder in (string[])["src", "build"])
            CopyFolder(Path.Combine(DocumentCode.Root, folder), Path.Combine(target, folder));
    }

    private static void CopyFolder(string source, string target)
    {
        if (Path.GetFileName(source) is "bin" or "obj")
            return;
        Directory.CreateDirectory(target);
        foreach (string file in Directory.GetFiles(source))
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        foreach (string folder in Directory.GetDirectories(source))
            CopyFolder(folder, Path.Combine(target, Path.GetFileName(folder)));
    }
}
