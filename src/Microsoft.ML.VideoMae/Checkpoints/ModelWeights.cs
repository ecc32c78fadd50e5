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
internal static class ModelWeights
{
    /// <summary>Copies tensors into the parameters of the same name.</summary>
    /// <param name="module">The model.</param>
    /// <param name="tensors">The values by parameter name, in any floating-point type.</param>
    /// <returns>What was loaded, missing and unexpected; missing parameters keep their values.</returns>
    /// <exception cref="InvalidDataException">
    /// A tensor's shape or type does not fit its parameter; all such are listed and nothing is loaded.
    /// </exception>
    public static KeyReport LoadInto(nn.Module module, IReadOnlyDictionary<string, Tensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(tensors);
        Dictionary<string, Parameter> parameters = module
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        CheckFit(parameters, tensors.ToDictionary(pair => pair.Key, pair => (pair.Value.dtype, pair.Value.shape), StringComparer.Ordinal));
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
    /// <exception cref="InvalidDataException">
    /// The stream does not hold exactly the parameters of the model, and nothing is changed; or it is damaged, and the parameters up to
    /// there are read.
    /// </exception>
    public static void Load(nn.Module module, Stream stream, long? length = null)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(stream);
        Dictionary<string, Parameter> parameters = module
            .named_parameters()
            .ToDictionary(pair => pair.name, pair => pair.parameter, StringComparer.Ordinal);
        using var noGrad = no_grad();
        SafetensorsReader.LoadInto(stream, length, entries => Check(parameters, entries), name => parameters[name]);
    }

    private static void Check(Dictionary<string, Parameter> parameters, IReadOnlyList<SafetensorsEntry> entries)
    {
        CheckFit(parameters, entries.ToDictionary(entry => entry.Name, entry => (entry.Type, entry.Shape), StringComparer.Ordinal));
        string[] names = [.. entries.Select(entry => entry.Name)];
        var report = new KeyReport(
            [.. names.Where(parameters.ContainsKey)],
            [.. parameters.Keys.Except(names)],
            [.. names.Where(name => !parameters.ContainsKey(name))],
            [],
            []);
        if (!report.IsComplete)
            throw new InvalidDataException($"The weights are not those of this model. {report}");
    }

    private static void CheckFit(Dictionary<string, Parameter> parameters, Dictionary<string, (ScalarType Type, long[] Shape)> given)
    {
        string[] wrong =
        [
            .. parameters
                .Where(pair =>
                    given.TryGetValue(pair.Key, out (ScalarType Type, long[] Shape) value)
                    && !(is_floating_point(value.Type) && value.Shape.SequenceEqual(pair.Value.shape)))
                .Select(pair =>
                    $"{pair.Key} is {given[pair.Key].Type} {ModelInputs.Text(given[pair.Key].Shape)}; the model takes floating " +
                    $"point {ModelInputs.Text(pair.Value.shape)}.")];
        new ProblemList(wrong).ThrowIfAny("The weights do not fit the model", message => new InvalidDataException(message));
    }
}
