// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Microsoft.ML.VideoMae.Modeling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.VideoMae.Checkpoints;

/// <summary>Moves weights between modules and safetensors streams, under the names of the module's parameters.</summary>
public static class ModelWeights
{
    /// <summary>Copies tensors into the parameters of the same name.</summary>
    /// <param name="module">The model.</param>
    /// <param name="tensors">The values by parameter name, in any floating-point type.</param>
    /// <returns>What was loaded, missing and unexpected; missing parameters keep their values.</returns>
    /// <exception cref="InvalidDataException">A tensor's shape or type does not fit its parameter; all such are listed and nothing is loaded.</exception>
    public static KeyReport LoadInto(nn.Module module, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(tensors);
        Dictionary<string, Parameter> parameters = module.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        string[] wrong = [.. parameters
            .Where(pair => tensors.TryGetValue(pair.Key, out Tensor? value) && !(is_floating_point(value) && value.shape.SequenceEqual(pair.Value.shape)))
            .Select(pair => $"{pair.Key} is {tensors[pair.Key].dtype} {ModelInputs.Text(tensors[pair.Key].shape)}; the model takes floating point {ModelInputs.Text(pair.Value.shape)}.")];
        if (wrong.Length > 0)
            throw new InvalidDataException(VideoMaeConfigProblems.Describe("The weights do not fit the model", wrong));

        using var noGrad = no_grad();
        List<string> loaded = [], missing = [];
        foreach ((string name, Parameter parameter) in parameters)
        {
            if (tensors.TryGetValue(name, out Tensor? value))
            {
                parameter.copy_(value);
                loaded.Add(name);
            }
            else
            {
                missing.Add(name);
            }
        }

        return new KeyReport(loaded, missing, [.. tensors.Keys.Where(name => !parameters.ContainsKey(name))], [], []);
    }

    /// <summary>Writes every parameter of a module to a stream.</summary>
    /// <param name="module">The model.</param>
    /// <param name="stream">The stream; it need not be seekable and stays open.</param>
    /// <param name="dtype">The type to store; null keeps that of the parameters.</param>
    /// <param name="metadata">Free-form texts; the default is <c>format = pt</c>.</param>
    public static void Save(nn.Module module, Stream stream, ScalarType? dtype = null, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        SafetensorsWriter.Write(stream, module.named_parameters().Select(pair => (pair.name, (Tensor)pair.parameter)), metadata, dtype);
    }

    /// <summary>Reads every parameter of a module from a safetensors stream.</summary>
    /// <param name="module">The model.</param>
    /// <param name="stream">The stream; it need not be seekable.</param>
    /// <param name="length">How many bytes belong to the weights; null where that is not known.</param>
    /// <exception cref="InvalidDataException">The stream is damaged, or does not hold exactly the parameters of the model.</exception>
    public static void Load(nn.Module module, Stream stream, long? length = null)
    {
        using SafetensorsContent content = SafetensorsReader.Load(stream, length);
        KeyReport report = LoadInto(module, content.Tensors);
        if (!report.IsComplete)
            throw new InvalidDataException($"The weights are not those of this model. {report}");
    }
}
