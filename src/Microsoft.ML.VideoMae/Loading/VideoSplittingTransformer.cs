// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae;
using Microsoft.ML.VideoMae.Loading;
using Microsoft.ML.VideoMae.Windows;

[assembly: LoadableClass(typeof(VideoSplittingTransformer), null, typeof(SignatureLoadModel),
    VideoSplittingTransformer.UserName, VideoSplittingTransformer.LoaderSignature)]

namespace Microsoft.ML.VideoMae;

/// <summary>The <see cref="ITransformer"/> of a <see cref="VideoSplittingEstimator"/>.</summary>
public sealed class VideoSplittingTransformer : ITransformer
{
    internal const string UserName = "Video Splitter";
    internal const string LoaderSignature = "VideoSplitter";

    private readonly IHost _host;

    internal VideoSplittingTransformer(
        IHostEnvironment env, VideoSplittingColumns columns, WindowGrid grid, VideoErrorPolicy onVideoError)
    {
        _host = Contracts.CheckRef(env, nameof(env)).Register(nameof(VideoSplittingTransformer));
        (Columns, Grid, OnVideoError) = (columns, grid, onVideoError);
    }

    /// <summary>How long each part is.</summary>
    public TimeSpan Window => TimeSpan.FromSeconds(Grid.Length);

    /// <summary>From the start of a part to that of the next.</summary>
    public TimeSpan Stride => TimeSpan.FromSeconds(Grid.Stride);

    /// <summary>The name of the Video column of the parts.</summary>
    public string OutputColumnName => Columns.Output;

    /// <summary>The name of the Video column that is read.</summary>
    public string InputColumnName => Columns.Input;

    /// <summary>What happens to a video that cannot be read.</summary>
    public VideoErrorPolicy OnVideoError { get; }

    internal VideoSplittingColumns Columns { get; }

    internal WindowGrid Grid { get; }

    bool ITransformer.IsRowToRowMapper => false;

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "VIDSPLIT",
        verWrittenCur: 0x00010001, verReadableCur: 0x00010001, verWeCanReadBack: 0x00010001,
        loaderSignature: LoaderSignature, loaderAssemblyName: typeof(VideoSplittingTransformer).Assembly.FullName);

    /// <summary>Makes a row of every window.</summary>
    /// <param name="input">Data with the column of videos.</param>
    /// <returns>The rows; nothing is opened before they are read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public IDataView Transform(IDataView input)
    {
        _host.CheckValue(input, nameof(input));
        return new VideoSplittingView(_host, input, this, GetOutputSchema(input.Schema));
    }

    /// <summary>The schema that data has after the transform.</summary>
    /// <param name="inputSchema">The schema before it.</param>
    /// <exception cref="ArgumentOutOfRangeException">The column is missing or of another type.</exception>
    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema)
    {
        _host.CheckValue(inputSchema, nameof(inputSchema));
        DataViewSchema.Column input = inputSchema.GetColumnOrNull(InputColumnName)
            ?? throw _host.ExceptSchemaMismatch(nameof(inputSchema), "video", InputColumnName);
        if (input.Type is not VideoDataViewType)
        {
            throw _host.ExceptSchemaMismatch(
                nameof(inputSchema), "video", InputColumnName, VideoDataViewType.Expected, input.Type.ToString());
        }

        var schema = new DataViewSchema.Builder();
        schema.AddColumns(inputSchema);
        schema.AddColumn(Columns.Output, VideoDataViewType.Instance);
        schema.AddColumn(Columns.Start, NumberDataViewType.Single);
        schema.AddColumn(Columns.End, NumberDataViewType.Single);
        return schema.ToSchema();
    }

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) =>
        throw _host.ExceptNotSupp("A video becomes several rows here, so that no row maps to one row. Transform data instead.");

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());

        // *** Binary format ***
        // int each: ids of the names of the columns: parts, videos, start, end
        // double: length of a window in seconds
        // double: stride in seconds
        // int: policy for videos that cannot be read
        foreach (string name in Columns.All)
            ctx.SaveNonEmptyString(name);
        ctx.Writer.Write(Grid.Length);
        ctx.Writer.Write(Grid.Stride);
        ctx.Writer.Write((int)OnVideoError);
    }

    // Factory method for SignatureLoadModel.
    private static VideoSplittingTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        Contracts.CheckValue(env, nameof(env));
        env.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel(GetVersionInfo());

        // *** Binary format: see Save ***
        var columns = new VideoSplittingColumns(
            ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString(), ctx.LoadNonEmptyString());
        var grid = new WindowGrid(ctx.Reader.ReadDouble(), ctx.Reader.ReadDouble());
        env.CheckDecode(double.IsFinite(grid.Length) && grid.Length > 0 && grid.Stride > 0 && grid.Stride <= grid.Length);
        var onVideoError = (VideoErrorPolicy)ctx.Reader.ReadInt32();
        env.CheckDecode(Enum.IsDefined(onVideoError));
        return new VideoSplittingTransformer(env, columns, grid, onVideoError);
    }
}
