// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.IO;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae.Loading;

/// <summary>The text of a list of videos, and how its bytes were read.</summary>
/// <param name="Text">The text.</param>
/// <param name="Encoding">The name of the encoding.</param>
/// <param name="IsUsual">Whether it is UTF-8, or what the caller said; anything else is worth a line.</param>
internal sealed record ListText(string Text, string Encoding, bool IsUsual)
{
    private const int Windows1252 = 1252;

    /// <summary>Reads a file by its byte order mark, as UTF-8, or as what older spreadsheets save.</summary>
    /// <exception cref="InvalidDataException">The bytes are not of that encoding, or of none that is known.</exception>
    public static ListText Read(string path, Encoding? encoding)
    {
        byte[] bytes = File.ReadAllBytes(path);
        if (encoding is not null)
            return new(Decode(path, bytes, encoding), encoding.WebName, IsUsual: true);
        Encoding? marked = new[] { new UTF32Encoding(false, true), System.Text.Encoding.Unicode, System.Text.Encoding.BigEndianUnicode,
            (Encoding)new UTF8Encoding(true) }
            .FirstOrDefault(e => bytes.AsSpan().StartsWith(e.Preamble));
        if (marked is not null)
            return new(Decode(path, bytes, marked), marked.WebName, IsUsual: marked is UTF8Encoding);
        if (WithoutMark(bytes) is Encoding wide)
            return new(Decode(path, bytes, wide), wide.WebName, IsUsual: false);
        try
        {
            return new(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), "utf-8", IsUsual: true);
        }
        catch (DecoderFallbackException)
        {
            string text = CodePagesEncodingProvider.Instance.GetEncoding(Windows1252)!.GetString(bytes);
            // The five bytes that Windows-1252 leaves free become control characters, which no list has.
            return text.Any(c => c is >= '\u0080' and < '\u00A0')
                ? throw new InvalidDataException(
                    $"The list of videos '{path}' is neither UTF-8 nor Windows-1252. Save it as UTF-8, or name its encoding, " +
                    "such as shift_jis (encoding; in the tool --encoding).")
                : new(text, "windows-1252", IsUsual: false);
        }
    }

    private static string Decode(string path, byte[] bytes, Encoding encoding)
    {
        try
        {
            var strict = (Encoding)encoding.Clone();
            strict.DecoderFallback = DecoderFallback.ExceptionFallback;
            int mark = bytes.AsSpan().StartsWith(encoding.Preamble) ? encoding.Preamble.Length : 0;
            return strict.GetString(bytes.AsSpan(mark));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidDataException(
                $"The list of videos '{path}' is not {encoding.WebName} throughout. Name its encoding, or save it as UTF-8.");
        }
    }

    /// <summary>UTF-16 without a mark: every other byte of what is mostly ASCII is 0.</summary>
    private static Encoding? WithoutMark(byte[] bytes)
    {
        int even = bytes.Where((b, i) => b == 0 && i % 2 == 0).Count(), odd = bytes.Count(b => b == 0) - even;
        return Math.Max(even, odd) * 4 < Math.Max(bytes.Length, 8) ? null
            : new UnicodeEncoding(bigEndian: odd <= even, byteOrderMark: false);
    }
}
