// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System.IO;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.VideoMae.Models;

/// <summary>
/// Writes a model card into a saved model, as JSON in a stream of its own, and reads it back. Models without one load as well.
/// </summary>
internal static class ModelCardStream
{
    private const string Name = "ModelCard";

    /// <summary>Raised where a reader of an older format would misunderstand; what is only added needs no new number.</summary>
    private const int Format = 1;

    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static void Save(ModelSaveContext ctx, VideoMaeModelCard? card)
    {
        if (card is not null)
            ctx.SaveBinaryStream(Name, writer =>
                writer.BaseStream.Write(JsonSerializer.SerializeToUtf8Bytes(new Content(Format, card), s_options)));
    }

    /// <summary>
    /// The card; null in a model of an earlier version, in one that was not trained, and where a later version writes cards in another way.
    /// </summary>
    public static VideoMaeModelCard? Load(IExceptionContext context, ModelLoadContext ctx)
    {
        VideoMaeModelCard? card = null;
        ctx.TryLoadBinaryStream(Name, reader =>
        {
            using var text = new StreamReader(reader.BaseStream, Encoding.UTF8);
            card = Parse(context, text.ReadToEnd());
        });
        return card;
    }

    private static VideoMaeModelCard? Parse(IExceptionContext context, string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty("format").GetInt32() > Format
                ? null
                : document.RootElement.Deserialize<Content>(s_options)!.Card;
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

    private sealed record Content(int Format, VideoMaeModelCard Card);
}
