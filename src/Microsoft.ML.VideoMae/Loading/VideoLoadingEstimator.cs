// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that turns paths, or file contents, into a Video column.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.LoadVideos`.
///
/// ### Input and Output Columns
/// The input column holds paths (text) or the contents of files (vectors of `System.Byte`), the output column handles on videos
/// (`MLVideo`): files are opened and decoded by what reads the column, a trainer for instance, so that random frames and crops differ from
/// epoch to epoch and no decoded frame is kept in the data.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Text, or vector of `System.Byte` |
/// | Output column data type | Video |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class VideoLoadingEstimator : IEstimator<VideoLoadingTransformer>
{
    private readonly IHost _host;
    private readonly VideoLoadingTransformer _transformer;

    internal VideoLoadingEstimator(IHostEnvironment env, string outputColumnName, string inputColumnName, string? videoFolder)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoLoadingEstimator));
        _host.CheckNonWhiteSpace(outputColumnName, nameof(outputColumnName));
        _host.CheckNonWhiteSpace(inputColumnName, nameof(inputColumnName));
        _transformer = new VideoLoadingTransformer(env, outputColumnName, inputColumnName, videoFolder);
    }

    /// <summary>Checks the input; there is nothing to learn.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public VideoLoadingTransformer Fit(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        _transformer.GetOutputSchema(input.Schema);
        return _transformer;
    }

    /// <summary>The schema that data has after the transform.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        if (!columns.TryGetValue(_transformer.InputColumnName, out SchemaShape.Column input))
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "input", _transformer.InputColumnName);
        bool isText = input.ItemType is TextDataViewType && input.Kind == SchemaShape.Column.VectorKind.Scalar;
        bool isBytes = input.ItemType == NumberDataViewType.Byte && input.Kind != SchemaShape.Column.VectorKind.Scalar;
        if (!isText && !isBytes)
        {
            throw _host.ExceptSchemaMismatch(
                nameof(inputSchema), "input", _transformer.InputColumnName, VideoLoadingTransformer.ExpectedInput, input.GetTypeString());
        }

        columns[_transformer.OutputColumnName] = new SchemaShape.Column(
            _transformer.OutputColumnName, SchemaShape.Column.VectorKind.Scalar, VideoDataViewType.Instance, false);
        return new SchemaShape(columns.Values);
    }
}
