// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Windows;

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="IEstimator{TTransformer}"/> that makes a row of every window of a long video.</summary>
/// <remarks>
/// <format type="text/markdown"><![CDATA[
/// To create it, use `mlContext.Transforms.SplitVideo`.
///
/// ### Input and Output Columns
/// The input column holds videos (`MLVideo`), the output column handles on parts of them. Two columns of `System.Single` say where each part
/// starts and ends, in seconds from the first frame. All other columns are repeated. Parts are read as any other video: what comes after
/// needs to know nothing of it. Readers that go along the rows decode each frame once, whatever the overlap.
///
/// A video that is shorter than a window is one part. The last part ends with the video. A part in which no frame begins is left out.
///
/// ### Estimator Characteristics
/// | | |
/// | -- | -- |
/// | Does this estimator need to look at the data to train its parameters? | No |
/// | Input column data type | Video |
/// | Output column data type | Video, and two columns of `System.Single` |
/// | Required NuGet in addition to Microsoft.ML | Microsoft.ML.VideoMae |
/// | Exportable to ONNX | No |
/// ]]></format>
/// </remarks>
public sealed class VideoSplittingEstimator : IEstimator<VideoSplittingTransformer>
{
    private readonly IHost _host;
    private readonly VideoSplittingTransformer _transformer;

    internal VideoSplittingEstimator(IHostEnvironment env, VideoSplittingColumns columns, TimeSpan window, TimeSpan? stride,
        VideoErrorPolicy onVideoError)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoSplittingEstimator));
        foreach (string name in columns.All)
            _host.CheckNonWhiteSpace(name, nameof(columns));
        _host.CheckParam(columns.Made.Distinct().Count() == columns.Made.Length, nameof(columns),
            $"The columns that are made need different names; given are {string.Join(", ", columns.Made)}.");
        _host.CheckParam(Enum.IsDefined(onVideoError), nameof(onVideoError), "The policy has to be Throw or Skip.");
        _transformer = new VideoSplittingTransformer(env, columns, WindowGrid.Checked(window, stride ?? window), onVideoError);
    }

    /// <summary>Checks the input; there is nothing to learn.</summary>
    /// <param name="input">Data with the input column.</param>
    /// <exception cref="ArgumentOutOfRangeException">The input column is missing or of another type.</exception>
    public VideoSplittingTransformer Fit(IDataView input)
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
        VideoSplittingColumns names = _transformer.Columns;
        if (!columns.TryGetValue(names.Input, out SchemaShape.Column input))
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "video", names.Input);
        if (input.ItemType is not VideoDataViewType)
            throw _host.ExceptSchemaMismatch(nameof(inputSchema), "video", names.Input, VideoDataViewType.Expected, input.GetTypeString());
        foreach (string name in names.Made)
        {
            DataViewType type = name == names.Output ? VideoDataViewType.Instance : NumberDataViewType.Single;
            columns[name] = new SchemaShape.Column(name, SchemaShape.Column.VectorKind.Scalar, type, false);
        }

        return new SchemaShape(columns.Values);
    }
}

/// <summary>The columns of a <see cref="VideoSplittingTransformer"/>.</summary>
/// <param name="Output">The parts.</param>
/// <param name="Input">The videos.</param>
/// <param name="Start">Where parts start.</param>
/// <param name="End">Where parts end.</param>
internal sealed record VideoSplittingColumns(string Output, string Input, string Start, string End)
{
    public string[] All => [Output, Input, Start, End];

    /// <summary>Those that are made, in the order in which they stand.</summary>
    public string[] Made => [Output, Start, End];
}
