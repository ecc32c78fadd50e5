// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Linq;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.VideoMae.Featurizing;

/// <summary>The columns of a pipeline that makes a vector of an image.</summary>
/// <param name="Image">The column that it reads.</param>
/// <param name="Features">The column that it makes.</param>
internal sealed record ImageColumns(string Image, string Features)
{
    /// <summary>The schema that the pipeline is given: one column of images.</summary>
    public DataViewSchema SchemaOf(FrameImages images)
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumn(Image, images.IsScaled ? new ImageDataViewType(images.Height, images.Width) : new ImageDataViewType());
        return schema.ToSchema();
    }

    /// <summary>Throws where a pipeline cannot read the images, or does not make a vector of them.</summary>
    public void Check(IExceptionContext context, IEstimator<ITransformer> pipeline, FrameImages images)
    {
        SchemaShape.Column features;
        try
        {
            features = pipeline.GetOutputSchema(SchemaShape.Create(SchemaOf(images))).FirstOrDefault(c => c.Name == Features);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw context.Except(e, $"The image pipeline does not take a schema whose only column is '{Image}', of images: {e.Message}");
        }

        if (!features.IsValid || features.Kind != SchemaShape.Column.VectorKind.Vector || features.ItemType != NumberDataViewType.Single)
            throw NoVector(context, features.IsValid ? features.GetTypeString() : null);
    }

    /// <summary>The mapper of a fitted pipeline, and the length of the vector that it makes.</summary>
    public (IRowToRowMapper Mapper, int Length) MapperOf(IExceptionContext context, ITransformer pipeline, FrameImages images)
    {
        if (!pipeline.IsRowToRowMapper)
            throw context.Except("The image pipeline does not map row by row, so it cannot describe the frames of a video.");
        IRowToRowMapper mapper = pipeline.GetRowToRowMapper(SchemaOf(images));
        DataViewType? type = mapper.OutputSchema.GetColumnOrNull(Features)?.Type;
        return type is VectorDataViewType { IsKnownSize: true } vector && vector.ItemType == NumberDataViewType.Single
            ? (mapper, vector.Size)
            : throw NoVector(context, type?.ToString());
    }

    private Exception NoVector(IExceptionContext context, string? found) => context.ExceptParam("imageFeaturizer",
        $"The image pipeline has to make a column '{Features}', a vector of Single of known size, " +
        (found is null ? "but makes no column of that name." : $"but that column is {found}."));
}
