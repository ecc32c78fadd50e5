// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.Collections.Generic;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>What each transformer has that makes numbers of a video: two columns, and what becomes of videos that cannot be read.</summary>
/// <param name="Output">The column that is made.</param>
/// <param name="Input">The Video column.</param>
/// <param name="OnVideoError">What happens to a video that cannot be read.</param>
internal sealed record VideoColumns(string Output, string Input, VideoErrorPolicy OnVideoError)
{
    /// <summary>The schema after the transform; throws where the Video column is missing or of another type.</summary>
    public SchemaShape AddTo(IExceptionContext context, SchemaShape inputSchema)
    {
        context.CheckValue(inputSchema, nameof(inputSchema));
        Dictionary<string, SchemaShape.Column> columns = inputSchema.ToDictionary(c => c.Name);
        if (!columns.TryGetValue(Input, out SchemaShape.Column input))
            throw context.ExceptSchemaMismatch(nameof(inputSchema), "input", Input);
        if (input.ItemType is not VideoDataViewType || input.Kind != SchemaShape.Column.VectorKind.Scalar)
            throw context.ExceptSchemaMismatch(nameof(inputSchema), "input", Input, VideoDataViewType.Expected, input.GetTypeString());
        columns[Output] = new SchemaShape.Column(Output, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false);
        return new SchemaShape(columns.Values);
    }

    /// <summary>The Video column of a schema; throws where it is missing or of another type.</summary>
    public DataViewSchema.Column FindIn(IExceptionContext context, DataViewSchema inputSchema)
    {
        DataViewSchema.Column input = inputSchema.GetColumnOrNull(Input)
            ?? throw context.ExceptSchemaMismatch(nameof(inputSchema), "input", Input);
        return input.Type is VideoDataViewType ? input : throw context.ExceptSchemaMismatch(
            nameof(inputSchema), "input", Input, VideoDataViewType.Expected, input.Type.ToString());
    }
}
