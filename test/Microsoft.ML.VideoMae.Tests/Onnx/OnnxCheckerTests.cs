// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Tests.Checkpoints;
using Microsoft.VisualStudio.TestTools.UnitTesting;

namespace Microsoft.ML.VideoMae.Tests.Onnx;

/// <summary>What ONNX's own checker, of its Python package, says of every kind of file: names, types, attributes and shapes.</summary>
[TestClass]
public sealed class OnnxCheckerTests
{
    private const string Script = """
        import sys, onnx
        for path in sys.argv[1:]:
            onnx.checker.check_model(path, full_check=True)
            model = onnx.load(path)
            assert [(s.domain, s.version) for s in model.opset_import] == [("", 17)], path
            inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
            print(path, len(model.graph.node))
        """;

    [TestMethod]
    [TestCategory("Slow")]
    public void EveryKindOfFile_IsValid()
    {
        // A system's own Python has the system's package; another one may have it too.
        string? python = ((string[])["python3", "/usr/bin/python3"]).FirstOrDefault(p => Run(p, "-c", "import onnx").Code == 0);
        if (python is null)
            Assert.Inconclusive("This test needs Python's package 'onnx', such as Debian's python3-onnx.");
        List<string> files = [];
        foreach (string name in (string[])["classification/plain", "classification/cls_token", "classification/multi_label",
            "classification/one_label_regression", "pretraining/plain", "pretraining/layernorm", "encoder"])
        {
            using VideoMaePreTrainedModel model = VideoMaeAutoModel.FromPretrained(Transformers5.Folder(name));
            foreach (OnnxInput input in (OnnxInput[])[OnnxInput.PixelValues, OnnxInput.Frames])
            {
                foreach (OnnxOutput output in (OnnxOutput[])[OnnxOutput.Own, OnnxOutput.Features])
                {
                    foreach (WeightStorage precision in (WeightStorage[])[WeightStorage.Float32, WeightStorage.Float16])
                    {
                        files.Add(Path.Combine(TestClips.NewFolder(), "model.onnx"));
                        model.SaveOnnx(files[^1], new OnnxExportOptions { Input = input, Output = output, Precision = precision });
                    }
                }
            }
        }

        (int code, string output2, string errors) = Run(python, ["-c", Script, .. files]);
        Assert.AreEqual(0, code, errors);
        Assert.HasCount(files.Count, output2.Trim().Split('\n'));
    }

    private static (int Code, string Output, string Errors) Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, errors.Result);
        }
        catch (Win32Exception e)
        {
            return (-1, "", e.Message);
        }
    }
}
