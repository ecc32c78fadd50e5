// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text;

namespace Microsoft.ML.VideoMae.PerformanceTests.Scale;

/// <summary>Draws the efficiency of two processes: with exchange on the way back, with exchange afterwards, and without.</summary>
internal static class ScalePlot
{
    private const int Width = 640, Left = 230, Top = 40, Row = 78, Bar = 18;

    public static void Write(IReadOnlyList<ScaleResult> results, string path)
    {
        int height = Top + results.Count * Row + 40;
        var svg = new StringBuilder();
        CultureInfo invariant = CultureInfo.InvariantCulture;
        svg.AppendLine(invariant,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"13\">");
        svg.AppendLine(invariant, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#ffffff\"/>");
        svg.AppendLine(invariant, $"<text x=\"12\" y=\"22\" font-size=\"15\">Efficiency of two processes of one thread, against one</text>");
        for (int tenth = 0; tenth <= 10; tenth += 2)
        {
            double x = At(tenth / 10.0);
            svg.AppendLine(invariant, $"<line x1=\"{x:0.0}\" y1=\"{Top}\" x2=\"{x:0.0}\" y2=\"{height - 34}\" stroke=\"#dddddd\"/>");
            svg.AppendLine(invariant, $"<text x=\"{x:0.0}\" y=\"{height - 16}\" text-anchor=\"middle\">{tenth / 10.0:0.0}</text>");
        }

        for (int i = 0; i < results.Count; i++)
        {
            int y = Top + i * Row + 8;
            ScaleResult r = results[i];
            svg.AppendLine(invariant, $"<text x=\"12\" y=\"{y + 14}\">{r.Case.What}, {r.Case.Preset}</text>");
            svg.AppendLine(invariant,
                $"<text x=\"12\" y=\"{y + 31}\" fill=\"#666666\">{r.Case.Clips} clips x {r.Case.Accumulation}, {r.Bytes / 1e6:0} MB</text>");
            svg.AppendLine(invariant, $"<text x=\"12\" y=\"{y + 48}\" fill=\"#666666\">{r.Hidden:P0} of the exchange hidden</text>");
            Draw(svg, y, r.Efficiency, "#2f6db5", "shared");
            Draw(svg, y + Bar + 2, r.EfficiencyAfterwards, "#b8c7da", "exchange afterwards");
            Draw(svg, y + (Bar + 2) * 2, r.EfficiencyApart, "#dfe5ee", "without exchange");
        }

        svg.AppendLine("</svg>");
        File.WriteAllText(path, svg.ToString());
    }

    private static double At(double efficiency) => Left + efficiency * (Width - Left - 40);

    private static void Draw(StringBuilder svg, int y, double value, string colour, string name)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        string text = colour == "#2f6db5" ? "#ffffff" : "#333333";
        svg.AppendLine(invariant,
            $"<rect x=\"{Left}\" y=\"{y}\" width=\"{At(Math.Min(value, 1.05)) - Left:0.0}\" height=\"{Bar}\" fill=\"{colour}\"/>");
        svg.AppendLine(invariant, $"<text x=\"{Left + 8}\" y=\"{y + 14}\" fill=\"{text}\">{name} {value:0.000}</text>");
    }
}
