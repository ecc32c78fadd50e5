// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Scoring;
using Microsoft.ML.VideoMae.Shipped;
using Microsoft.ML.VideoMae.Training;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that gives every video the features of a frozen VideoMAE encoder.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.VideoMaeFeatures`.
///
/// ### Input and Output Columns
/// The input column is of Video type (`LoadVideos` makes one) or holds pixel values (`ExtractVideoPixels`). The output column holds the
/// mean token of the last block, normalised, or of the block that is asked for, or what VideoMaePooling.Cells says.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Video, or the vectors that `ExtractVideoPixels` makes |
/// | Output column data type | Known-sized vector of `System.Single`, as wide as the model, or 24 times as long with VideoMaePooling.Cells |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae, and TorchSharp-cpu, TorchSharp-cuda-linux or
/// TorchSharp-cuda-windows |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class VideoMaeFeaturizingEstimator : IEstimator<VideoMaeFeaturizingTransformer>
{
    private readonly IHost _host;
    private readonly string _outputColumnName;
    private readonly string _inputColumnName;
    private readonly string? _pretrainedModel;
    private readonly int _layer;
    private readonly FrameSampler? _sampler;
    private readonly VideoErrorPolicy _onVideoError;

    internal VideoMaeFeaturizingEstimator(
        IHostEnvironment env, string outputColumnName, string inputColumnName, string? pretrainedModel, int layer, FrameSampler? sampler,
        VideoErrorPolicy onVideoError, VideoMaePooling pooling)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoMaeFeaturizingEstimator));
        _host.CheckNonWhiteSpace(outputColumnName, nameof(outputColumnName));
        _host.CheckNonWhiteSpace(inputColumnName, nameof(inputColumnName));
        _host.CheckParam(
            pretrainedModel is null || !string.IsNullOrWhiteSpace(pretrainedModel), nameof(pretrainedModel),
            "has to be a checkpoint, or null for the weights of " + ShippedWeights.Package);
        _host.CheckParam(Enum.IsDefined(pooling), nameof(pooling), "has to be Mean or Cells");
        _host.CheckParam(
            pooling == VideoMaePooling.Mean || layer == 0, nameof(layer), "has to be 0 with VideoMaePooling.Cells, which takes the last two");
        _outputColumnName = outputColumnName;
        _inputColumnName = inputColumnName;
        _pretrainedModel = pretrainedModel;
        _layer = pooling == VideoMaePooling.Cells ? ClassificationModel.Cells : layer;
        _sampler = sampler;
        _onVideoError = onVideoError;
    }

    /// <summary>Loads the encoder; there is nothing to learn.</summary>
    /// <param name="input">Data with the column of clips.</param>
    /// <returns>The featurizer, which the caller disposes of.</returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The column of clips is missing, of another type or of another shape, or there is no such layer.
    /// </exception>
    /// <exception cref="System.IO.FileNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="System.IO.InvalidDataException">It is damaged or incomplete.</exception>
    public VideoMaeFeaturizingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        ClipColumn.Check(_host, SchemaShape.Create(input.Schema), _inputColumnName);
        using IChannel channel = _host.Start("Loading");
        ClassificationModel model = ClassificationModel.ForFeatures(
            _host, channel, _pretrainedModel ?? ShippedFolder(), _sampler, _layer, _onVideoError);
        try
        {
            ClipColumn.Find(_host, input.Schema, _inputColumnName, model.Config);
            return new VideoMaeFeaturizingTransformer(_host, [_outputColumnName], _inputColumnName, model);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private string ShippedFolder() => ShippedWeights.For(null)?.Folder ?? throw _host.Except(
        $"No pretrainedModel was given, and the package {ShippedWeights.Package} is not there: add it to the project, or name a checkpoint.");

    /// <summary>The schema that data has after the transform.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column of clips is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        ClipColumn.Check(_host, inputSchema, _inputColumnName);
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        columns[_outputColumnName] = new SchemaShape.Column(
            _outputColumnName, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }
}
