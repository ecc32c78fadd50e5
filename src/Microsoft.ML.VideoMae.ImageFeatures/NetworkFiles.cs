// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.ImageFeatures;

/// <summary>The files of the package Microsoft.ML.DnnImageFeaturizer.ResNet18, which are copied beside the application.</summary>
/// <param name="Network">The network.</param>
/// <param name="Preprocessing">A small network that prepares pixels.</param>
internal sealed record NetworkFiles(string Network, string Preprocessing)
{
    private const string FolderName = "DnnImageModels";

    private readonly Lazy<string> _hash = new(() => HashOf(Network, Preprocessing));

    private static NetworkFiles? s_found;

    /// <summary>The SHA-256 of both files: what a saved model knows them by.</summary>
    public string Hash => _hash.Value;

    /// <summary>Finds the files; throws where they are not beside the application or this library.</summary>
    public static NetworkFiles Find(IExceptionContext context) => s_found ??= Find(context,
        new[] { AppContext.BaseDirectory, Path.GetDirectoryName(typeof(NetworkFiles).Assembly.Location) ?? "" }
            .Where(folder => folder.Length > 0).Distinct());

    /// <summary>Finds the files in one of some folders.</summary>
    public static NetworkFiles Find(IExceptionContext context, IEnumerable<string> folders)
    {
        NetworkFiles[] wanted =
        [
            .. folders.Select(folder => Path.Combine(folder, FolderName)).Select(folder => new NetworkFiles(
                Path.Combine(folder, "ResNet18Onnx", "ResNet18.onnx"), Path.Combine(folder, "ResNetPrepOnnx", "ResNetPreprocess.onnx"))),
        ];
        return wanted.FirstOrDefault(f => File.Exists(f.Network) && File.Exists(f.Preprocessing)) ?? throw context.Except(
            $"The network of the image features is not there: '{wanted[0].Network}'. The build of a program copies it from the package " +
            "Microsoft.ML.DnnImageFeaturizer.ResNet18, which comes with Microsoft.ML.VideoMae.ImageFeatures. Add the latter to the " +
            $"project of the program itself, and publish the folder {FolderName} with it.");
    }

    /// <summary>Throws where a model was made with another network.</summary>
    public void CheckHash(IExceptionContext context, string expected)
    {
        if (Hash != expected)
            throw context.ExceptDecode(
                $"The model was trained on features of another network than '{Network}': SHA-256 {expected[..16]}..., and here " +
                $"{Hash[..16]}.... Use the version of Microsoft.ML.DnnImageFeaturizer.ResNet18 that it was trained with.");
    }

    private static string HashOf(params string[] files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string path in files)
        {
            using FileStream file = File.OpenRead(path);
            hash.AppendData(SHA256.HashData(file));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
