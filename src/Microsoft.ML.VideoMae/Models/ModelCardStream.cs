// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;
using Microsoft.ML.VideoMae.Checkpoints;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>
/// Writes a model card into a saved model, as JSON in a stream of its own, and reads it back. The same for the card of the checkpoint that
/// the weights came from. Models without them load as well.
/// </summary>
internal static class ModelCardStream
{
    private const string Name = "ModelCard";
    private const string SourceName = "Source";

    /// <summary>Raised where a reader of an older format would misunderstand; what is only added needs no new number.</summary>
    private const int Format = 1;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static void Save(ModelSaveContext ctx, VideoMaeModelCard? card) => Save(ctx, Name, card);

    public static void Save(ModelSaveContext ctx, CheckpointCard? source) => Save(ctx, SourceName, source);

    /// <summary>
    /// The card; null in a model of an earlier version, in one that was not trained, and where a later version writes cards in another way.
    /// </summary>
    public static VideoMaeModelCard? Load(IExceptionContext context, ModelLoadContext ctx) => Load<VideoMaeModelCard>(context, ctx, Name);

    /// <summary>The card of the checkpoint; null where there was none, and where a later version writes it in another way.</summary>
    public static CheckpointCard? LoadSource(IExceptionContext context, ModelLoadContext ctx) =>
        Load<CheckpointCard>(context, ctx, SourceName);

    private static void Save<T>(ModelSaveContext ctx, string name, T? card)
        where T : class
    {
        if (card is not null)
            ctx.SaveBinaryStream(name, writer =>
                writer.BaseStream.Write(JsonSerializer.SerializeToUtf8Bytes(new Content<T>(Format, card), s_options)));
    }

    private static T? Load<T>(IExceptionContext context, ModelLoadContext ctx, string name)
        where T : class
    {
        T? card = null;
        ctx.TryLoadBinaryStream(name, reader =>
        {
            using var text = new StreamReader(reader.BaseStream, Encoding.UTF8);
            card = Parse<T>(context, text.ReadToEnd());
        });
        return card;
    }

    private static T? Parse<T>(IExceptionContext context, string json)
        where T : class
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty("format").GetInt32() > Format
                ? null
                : document.RootElement.Deserialize<Content<T>>(s_options)!.Card;
        }
        catch (System.Exception e)
            when (e
                    is JsonException
                        or System.InvalidOperationException
                        or System.Collections.Generic.KeyNotFoundException
                        or System.FormatException)
        {
            throw context.ExceptDecode(e, "The model card in the model file is damaged.");
        }
    }

    private sealed record Content<T>(int Format, T Card);
}
