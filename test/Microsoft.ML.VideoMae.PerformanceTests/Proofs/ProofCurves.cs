// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae.PerformanceTests.Proofs;

/// <summary>The training curves of a proof as SVG: loss by epoch, a line a seed.</summary>
internal static class ProofCurves
{
    private const int Width = 360;
    private const int Height = 200;
    private const int Margin = 36;

    private static readonly string[] s_colors = ["#2563eb", "#d97706", "#059669"];

    public static void Save(string folder, int[] seeds)
    {
        string[] ways = [ProofPhase.Pretraining, ProofPhase.FineTuning, ProofPhase.Scratch];
        var svg = new StringBuilder();
        svg.Append(
            CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{ways.Length * Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"11\">\n"
        );
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        for (int i = 0; i < ways.Length; i++)
            Panel(
                svg, ways[i], i * Width,
                [.. seeds.Where(s => ProofResult.Exists(folder, ways[i], s)).Select(s => (s, ProofResult.Read(folder, ways[i], s).Curve))]);
        svg.Append("</svg>\n");
        File.WriteAllText(Path.Combine(folder, "curves.svg"), svg.ToString());
    }

    private static void Panel(StringBuilder svg, string title, int left, (int Seed, IReadOnlyList<ProofPoint> Curve)[] curves)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        svg.Append(invariant, $"<text x=\"{left + Margin}\" y=\"16\" font-weight=\"bold\">{title}: loss by epoch</text>\n");
        if (curves.Length == 0)
            return;
        double last = curves.Max(c => c.Curve[^1].Epoch),
            low = curves.Min(c => c.Curve.Min(p => p.Loss)),
            high = curves.Max(c => c.Curve.Max(p => p.Loss));
        double X(double epoch) => left + Margin + (epoch - 1) / Math.Max(1, last - 1) * (Width - Margin - 8);
        double Y(double loss) => 24 + (high - loss) / Math.Max(1e-9, high - low) * (Height - 24 - 24);
        foreach (double loss in (double[])[low, (low + high) / 2, high])
            svg.Append(
                invariant,
                $"<text x=\"{left + Margin - 4}\" y=\"{Y(loss) + 4:0.0}\" text-anchor=\"end\">{loss:0.00##}</text><line x1=\"{X(1):0.0}\" x2=\"{X(last):0.0}\" y1=\"{Y(loss):0.0}\" y2=\"{Y(loss):0.0}\" stroke=\"#ddd\"/>\n"
            );
        svg.Append(
            invariant,
            $"<text x=\"{X(1):0.0}\" y=\"{Height - 8}\">1</text><text x=\"{X(last):0.0}\" y=\"{Height - 8}\" " +
            $"text-anchor=\"end\">{last:0}</text>\n"
        );
        foreach ((int seed, IReadOnlyList<ProofPoint> curve) in curves)
        {
            // A few hundred points are all that a picture of this width shows.
            int stride = Math.Max(1, curve.Count / (Width - Margin));
            IEnumerable<string> points = curve
                .Where((_, i) => i % stride == 0)
                .Select(p => string.Create(invariant, $"{X(p.Epoch):0.0},{Y(p.Loss):0.0}"));
            svg.Append(
                invariant,
                $"<polyline fill=\"none\" stroke=\"{s_colors[(seed - 1) % s_colors.Length]}\" " +
                $"points=\"{string.Join(' ', points)}\"><title>seed {seed}</title></polyline>\n"
            );
        }
    }
}
