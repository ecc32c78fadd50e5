// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;
using Microsoft.ML.VideoMae.Modeling;
using Microsoft.ML.VideoMae.Models;
using Microsoft.ML.VideoMae.Onnx;
using Microsoft.ML.VideoMae.Processing;
using Microsoft.ML.VideoMae.Scoring;

namespace Microsoft.ML.VideoMae;

/// <summary>What the models that score clips have in common.</summary>
/// <remarks>
/// They hold native memory: dispose of them when they are no longer needed. By default a prediction engine disposes of the transformer
/// it was made from; other engines and cursors made from it keep working until they are disposed themselves.
/// </remarks>
public abstract partial class VideoMaeScoringTransformer : RowToRowTransformerBase, ITransformer, IVideoModelOwner, IDisposable
{
    private protected VideoMaeScoringTransformer(IHostEnvironment env, string name, string featureColumnName, VideoModel model)
        : base(Contracts.CheckRef(env, nameof(env)).Register(name))
    {
        FeatureColumnName = featureColumnName;
        Model = new SharedModel(name, model);
        Config = model.Config;
        Processor = model.Processor;
        ParameterCount = model.Weights.ParameterCount;
        Sampler = model.Sampler;
        Views = model.Views;
        OutputLength = model.OutputLength;
        ModelCard = model.Card;
        Source = model.Weights.Source;
        model.Warn = Warn;
        model.TempFilePath = TemporaryFiles.FolderOf(Host);
    }

    /// <summary>The shape of the model.</summary>
    public VideoMaeConfig Config { get; }

    /// <summary>
    /// The data, settings, metrics and intended use of the model; null where it was not trained by this package, or by a version that wrote
    /// no cards.
    /// </summary>
    public VideoMaeModelCard? ModelCard { get; }

    /// <summary>
    /// What the card of the checkpoint says that the weights came from, its licence for one; nothing where it had no card, and null where
    /// the model was trained from scratch, or saved by an earlier version. It is saved with the model.
    /// </summary>
    public CheckpointCard? Source { get; }

    /// <summary>How frames become what the model sees.</summary>
    public VideoMaeImageProcessor Processor { get; }

    /// <summary>The number of values in all parameters.</summary>
    public long ParameterCount { get; }

    /// <summary>The name of the column that clips are read from.</summary>
    public string FeatureColumnName { get; }

    /// <summary>
    /// What products are computed with in scoring; weights, sums and normalisation stay in 32 bits. Not saved with the model. The default
    /// is
    /// <see cref="ComputePrecision.Float32"/>. Batches that are under way end as they began.
    /// </summary>
    /// <exception cref="NotSupportedException">The model reconstructs videos, which is done in Float32 only.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public ComputePrecision Precision
    {
        get
        {
            using SharedModel.Lease lease = Model.Rent();
            return lease.Value.Precision;
        }

        set
        {
            Host.CheckParam(Enum.IsDefined(value), nameof(value), "Precision has to be Float32, BFloat16 or Auto.");
            using SharedModel.Lease lease = Model.Rent();
            lease.Value.Precision = value;
            using IChannel channel = Host.Start("Precision");
            ModelArithmetic.Note(value, lease.Value.Device, channel);
        }
    }

    /// <summary>Which frames make a clip.</summary>
    internal FrameSampler Sampler { get; }

    /// <summary>How videos are looked at.</summary>
    internal ScoringViews Views { get; }

    /// <summary>The number of values that the model gives for a video.</summary>
    private protected int OutputLength { get; }

    private protected SharedModel Model { get; }

    /// <summary>Scores data, batch by batch as it is read.</summary>
    /// <param name="input">Data with the column of clips.</param>
    /// <returns>The data with the columns of the scores; nothing is decoded before they are read.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The column of clips is missing, of another type, or of another shape.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public new IDataView Transform(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        using (Model.Rent())
        {
            NoteInput(input.Schema);
            IDataView rowByRow = MakeDataTransform(input);
            return new BatchedScoringView(
                Host, input, rowByRow, Model, ClipColumn.Find(Host, input.Schema, FeatureColumnName, Config).Index,
                Array.ConvertAll(CreateColumns(input.Schema), c => c.Name), CreateGetter);
        }
    }

    IDataView ITransformer.Transform(IDataView input) => Transform(input);

    /// <summary>
    /// Writes a folder in Hugging Face's layout, which Python reads, which can be pushed to the hub as it is, and which this package reads
    /// back: config.json, model.safetensors (several files above 5 GB), preprocessor_config.json and video_preprocessor_config.json, and the
    /// card README.md. A card that somebody else wrote stays.
    /// </summary>
    /// <param name="folder">The folder; made if missing.</param>
    /// <param name="weightStorage">How the weights are stored. The default is 32 bits.</param>
    /// <param name="options">How large a file may be, and what the card says; null takes the defaults.</param>
    /// <exception cref="ArgumentException">
    /// The limit of a file is not positive, or a licence is given that the checkpoint's forbids.
    /// </exception>
    /// <exception cref="System.IO.IOException">A file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public void SavePretrained(
        string folder, WeightStorage weightStorage = WeightStorage.Float32, PretrainedSaveOptions? options = null)
    {
        Host.CheckNonWhiteSpace(folder, nameof(folder));
        using SharedModel.Lease lease = Model.Rent();
        using IChannel channel = Host.Start("Exporting");
        VideoModel model = lease.Value;
        foreach (string note in model.Weights.SavePretrained(folder, weightStorage.Type(), options: options))
            channel.Warning(note);
        VideoMaeImageProcessor processor = model.Processor.WithFrameSampling(model.Sampler);
        processor.SavePretrained(folder);
        new VideoMaeVideoProcessor(processor.Options).SavePretrained(folder);
        HubCard.Write(folder, model.Weights, model.Card, options);
    }

    /// <summary>
    /// Writes the weights with the names of the original code (MCG-NJU), as a .pth file that it and PyTorch read. Labels and the
    /// processor's settings have no place there. What the original code does not do quite as this model is said in warnings.
    /// </summary>
    /// <param name="path">The file. Its folder must exist.</param>
    /// <param name="weightStorage">How the weights are stored. The default is 32 bits.</param>
    /// <exception cref="NotSupportedException">The model has a part that the original code does not know: an attentive head.</exception>
    /// <exception cref="System.IO.IOException">The file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public void SaveOriginal(string path, WeightStorage weightStorage = WeightStorage.Float32)
    {
        Host.CheckNonWhiteSpace(path, nameof(path));
        using SharedModel.Lease lease = Model.Rent();
        using IChannel channel = Host.Start("Exporting");
        foreach (string note in lease.Value.Weights.SaveOriginal(path, weightStorage.Type()))
            channel.Warning(note);
    }

    /// <summary>
    /// Writes the model as an ONNX model (operator set 17), for any number of clips at a time. A classifier takes <c>pixel_values</c>,
    /// [batch, frames, channels, height, width], and gives <c>logits</c> and <c>probabilities</c>, [batch, classes]; what other models and
    /// other options take and give is said at <see cref="OnnxExportOptions"/>. What else scoring needs is in its metadata:
    /// <c>labels</c> (a JSON array), <c>preprocessor_config</c> and <c>config</c> (JSON, as Hugging Face writes them),
    /// <c>frame_sampling</c>, and <c>license</c> where one is known. A model above 2 GB has its weights in a second file, named like the
    /// first with .data after it. Averaging over views is not part of it.
    /// </summary>
    /// <param name="path">The file, .onnx.</param>
    /// <param name="options">What goes in and out; null takes the defaults.</param>
    /// <exception cref="ArgumentException">An option is not one of those that there are.</exception>
    /// <exception cref="NotSupportedException">Frames are to go in, and the processor does what has no form in ONNX.</exception>
    /// <exception cref="System.IO.IOException">A file cannot be written.</exception>
    /// <exception cref="ObjectDisposedException">This transformer has been disposed.</exception>
    public void SaveOnnx(string path, OnnxExportOptions? options = null) => SaveOnnx(path, options, labels: null, head: null);

    /// <summary>Writes the model with what follows it in a pipeline.</summary>
    internal void SaveOnnx(string path, OnnxExportOptions? options, IReadOnlyList<string>? labels, OnnxHead? head)
    {
        Host.CheckNonWhiteSpace(path, nameof(path));
        using SharedModel.Lease lease = Model.Rent();
        options ??= new OnnxExportOptions();
        if (options.Output == OnnxOutput.Own && OnnxFeatureLayer is int layer)
            options = options with { Output = OnnxOutput.Features, FeatureLayer = layer };
        OnnxExport.Write(path, lease.Value.Weights, options, lease.Value.Processor, labels ?? OnnxLabels,
            lease.Value.Sampler.ToString(), head);
    }

    /// <summary>The model, kept alive until the lease is disposed, to be written as a part of a pipeline.</summary>
    internal SharedModel.Lease RentForOnnx() => Model.Rent();

    /// <summary>Frees the weights once no prediction engine or cursor uses them; a second call does nothing.</summary>
    public void Dispose() => Model.Dispose();

    /// <summary>The names of the classes.</summary>
    private protected virtual IReadOnlyList<string> OnnxLabels => [];

    /// <summary>The block that a model of features gives; null for other models.</summary>
    internal virtual int? OnnxFeatureLayer => null;

    /// <summary>Says what a user should know of data before it is scored.</summary>
    private protected virtual void NoteInput(DataViewSchema inputSchema)
    {
    }

    /// <summary>The columns that are added to data of a schema.</summary>
    private protected abstract DataViewSchema.DetachedColumn[] CreateColumns(DataViewSchema inputSchema);

    /// <summary>The getter of an added column.</summary>
    /// <param name="output">Its index among the added columns.</param>
    /// <param name="scores">The model's output for the current row; not a number where its video could not be read.</param>
    private protected abstract Delegate CreateGetter(int output, Func<float[]> scores);

    /// <summary>The output of the model for one video.</summary>
    private protected float[] ScoreOne(MLVideo video)
    {
        Host.CheckValue(video, nameof(video));
        using SharedModel.Lease lease = Model.Rent();
        using IChannel channel = Host.Start("Scoring");
        return lease.Value.Score(video, channel);
    }

    private protected void Warn(string text)
    {
        using IChannel channel = Host.Start("Scoring");
        channel.Warning(text);
    }

    IDisposable IVideoModelOwner.RentModel() => Model.Rent();
}
