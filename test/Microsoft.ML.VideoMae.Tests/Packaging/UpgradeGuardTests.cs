// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Mono.Cecil;

namespace Microsoft.ML.VideoMae.Tests.Packaging;

/// <summary>
/// Lists the internal members of ML.NET that we rely on. To try a new ML.NET before building against it, name the folder of its assemblies
/// in VIDEOMAE_MLNET_FOLDER.
/// </summary>
[TestClass]
public sealed class UpgradeGuardTests
{
    private static readonly string s_ours = typeof(MLVideo).Assembly.Location;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void EveryMemberOfMlNetThatImageFeaturesUse_Exists() => Assert.IsEmpty(
        InternalMembers.Find(typeof(VideoImageFeaturizingTransformer).Assembly.Location, AppContext.BaseDirectory).Missing);

    [TestMethod]
    public void EveryMemberOfMlNetThatWeUse_Exists()
    {
        string folder = Environment.GetEnvironmentVariable("VIDEOMAE_MLNET_FOLDER") ?? AppContext.BaseDirectory;
        (IReadOnlyList<string> members, IReadOnlyList<string> missing) = InternalMembers.Find(s_ours, folder);
        foreach (string member in members)
            TestContext.WriteLine(member);
        Assert.IsEmpty(
            missing, $"Microsoft.ML in '{folder}' lacks members that this package " +
                $"uses:{Environment.NewLine}{string.Join(Environment.NewLine, missing)}");
        Assert.IsTrue(members.Any(m => m.Contains("Microsoft.ML.ModelLoadContext", StringComparison.Ordinal)),
            "ModelLoadContext is internal and used, and was not found.");
        Assert.IsTrue(members.Any(m => m.Contains("RowToRowTransformerBase::MakeRowMapper", StringComparison.Ordinal)),
            "MakeRowMapper is internal and overridden, and was not found.");
    }

    [TestMethod]
    public void MembersThatAnotherMlNetLacks_AreNamed()
    {
        string folder = TestClips.NewFolder();
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory, "Microsoft.ML.*.dll").Where(f => f != s_ours))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        string core = Path.Combine(folder, "Microsoft.ML.Core.dll");
        using (
            AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, "Microsoft.ML.Core.dll")))
        {
            TypeDefinition context = assembly.MainModule.GetType("Microsoft.ML.ModelLoadContext");
            context.Methods.Single(m => m.Name == "LoadNonEmptyString" && m.Parameters.Count == 0).Name = "LoadText";
            assembly.Write(core);
        }

        (_, IReadOnlyList<string> missing) = InternalMembers.Find(s_ours, folder);
        Assert.HasCount(1, missing);
        Assert.Contains("Microsoft.ML.ModelLoadContext::LoadNonEmptyString()", missing[0]);
    }
}
