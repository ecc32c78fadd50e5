// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;

namespace Microsoft.ML.VideoMae.Tests.Samples;

/// <summary>A model that tells blue clips from red ones, trained once and saved for the samples that need one.</summary>
internal static class SampleModel
{
    private static readonly Lazy<string> s_zip = new(Train);

    /// <summary>The path of the .zip.</summary>
    public static string Zip => s_zip.Value;

    private static string Train()
    {
        var ml = new MLContext(1);
        IDataView data = TestClips.Load(ml);
        ITransformer model = TestClips.Pipeline(ml, TestClips.Options()).Fit(data);
        string folder = TestClips.NewFolder(), path = Path.Combine(folder, "model.zip");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        ml.Model.Save(model, data.Schema, path);
        (model as IDisposable)?.Dispose();
        return path;
    }
}
