// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Modeling;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>The columns that models take clips from: videos, or pixel values that <c>ExtractVideoPixels</c> made of them.</summary>
internal static class ClipColumn
{
    /// <summary>What stands after 'expected' in a schema mismatch.</summary>
    public const string Expected =
        "Video (mlContext.Transforms.LoadVideos makes such a column from paths), or Vector<Single> of pixel values " +
        "(mlContext.Transforms.ExtractVideoPixels makes such a column from videos)";

    /// <summary>Checks that a schema has such a column.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing or of another type.</exception>
    public static void Check(IExceptionContext context, SchemaShape schema, string name)
    {
        if (!schema.TryFindColumn(name, out SchemaShape.Column column))
            throw context.ExceptSchemaMismatch(nameof(schema), "video", name);
        bool isVideo = column.ItemType is VideoDataViewType && column.Kind == SchemaShape.Column.VectorKind.Scalar;
        bool isPixels = NumberDataViewType.Single.Equals(column.ItemType) && column.Kind == SchemaShape.Column.VectorKind.Vector
            && !column.IsKey;
        if (!isVideo && !isPixels)
            throw context.ExceptSchemaMismatch(nameof(schema), "video", name, Expected, column.GetTypeString());
    }

    /// <summary>The column of a schema that a model takes clips from.</summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// It is missing, of another type, or has pixel values of another shape than the model takes.
    /// </exception>
    public static DataViewSchema.Column Find(IExceptionContext context, DataViewSchema schema, string name, VideoMaeConfig config)
    {
        if (schema.GetColumnOrNull(name) is not DataViewSchema.Column column)
            throw context.ExceptSchemaMismatch(nameof(schema), "video", name);
        if (column.Type is VideoDataViewType)
            return column;
        if (column.Type is not VectorDataViewType { IsKnownSize: true } vector || !NumberDataViewType.Single.Equals(vector.ItemType))
            throw context.ExceptSchemaMismatch(nameof(schema), "video", name, Expected, column.Type.ToString());
        CheckShape(context, name, vector, config);
        return column;
    }

    /// <summary>Reads clips; pixel values are copied, since the row's buffer is used again.</summary>
    public static ValueGetter<MLVideo> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type is VideoDataViewType)
            return row.GetGetter<MLVideo>(column);
        ValueGetter<VBuffer<float>> getPixels = row.GetGetter<VBuffer<float>>(column);
        VBuffer<float> pixels = default;
        return (ref MLVideo dst) =>
        {
            getPixels(ref pixels);
            dst = MLVideo.CreateFromPixelValues([.. pixels.DenseValues()], $"{column.Name} of row {row.Position}");
        };
    }

    /// <summary>A vector has the model's dimensions, or one dimension of the same length.</summary>
    private static void CheckShape(IExceptionContext context, string name, VectorDataViewType vector, VideoMaeConfig config)
    {
        int[] wanted = [config.NumFrames, config.NumChannels, config.ImageSize.Height, config.ImageSize.Width];
        int length = wanted.Aggregate((product, size) => product * size);
        bool fits = vector.Dimensions.Length == 1 ? vector.Size == length : vector.Dimensions.SequenceEqual(wanted);
        if (!fits)
        {
            throw context.ExceptParam(nameof(name),
                $"Column '{name}' has clips of [{string.Join(", ", vector.Dimensions)}] pixel values, but the model takes " +
                $"[{string.Join(", ", wanted)}]: frames, channels, height, width. Set NumFrames and ImageSize " +
                "of ExtractVideoPixels, or another Config.");
        }
    }
}
