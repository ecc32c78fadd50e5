// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Microsoft.ML.VideoMae.PerformanceTests.Peers;

/// <summary>Seconds over operations, both logarithmic, as SVG.</summary>
internal static class GrowthPlot
{
    private const int Width = 640;
    private const int Height = 420;
    private const int Margin = 60;
    private static readonly string[] s_colors = ["#1b6ca8", "#c0392b", "#2e8b57"];

    public static string Draw(IReadOnlyList<(string Series, double GFlop, double Seconds)> points)
    {
        (int left, int right) = Decades(points.Select(p => p.GFlop));
        (int bottom, int top) = Decades(points.Select(p => p.Seconds));
        double X(double value) => Margin + (Math.Log10(value) - left) / (right - left) * (Width - 2 * Margin);
        double Y(double value) => Height - Margin - (Math.Log10(value) - bottom) / (top - bottom) * (Height - 2 * Margin);
        var svg = new StringBuilder();
        void Add(FormattableString text) => svg.AppendLine(text.ToString(CultureInfo.InvariantCulture));
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{Height}\" font-family=\"sans-serif\" font-size=\"13\">");
        Add($"<rect width=\"{Width}\" height=\"{Height}\" fill=\"white\"/>");
        for (int decade = left; decade <= right; decade++)
        {
            Add($"<line x1=\"{X(Math.Pow(10, decade)):0.0}\" x2=\"{X(Math.Pow(10, decade)):0.0}\" y1=\"{Margin}\" y2=\"{Height - Margin}\" stroke=\"#ddd\"/>");
            Add($"<text x=\"{X(Math.Pow(10, decade)):0.0}\" y=\"{Height - Margin + 18}\" text-anchor=\"middle\">{Math.Pow(10, decade)}</text>");
        }

        for (int decade = bottom; decade <= top; decade++)
        {
            Add($"<line x1=\"{Margin}\" x2=\"{Width - Margin}\" y1=\"{Y(Math.Pow(10, decade)):0.0}\" y2=\"{Y(Math.Pow(10, decade)):0.0}\" stroke=\"#ddd\"/>");
            Add($"<text x=\"{Margin - 8}\" y=\"{Y(Math.Pow(10, decade)) + 4:0.0}\" text-anchor=\"end\">{Math.Pow(10, decade)}</text>");
        }

        Add($"<text x=\"{Width / 2}\" y=\"{Height - 16}\" text-anchor=\"middle\">operations for a clip, GFLOP</text>");
        Add($"<text x=\"18\" y=\"{Height / 2}\" text-anchor=\"middle\" transform=\"rotate(-90 18 {Height / 2})\">seconds for a clip</text>");
        foreach ((int index, IGrouping<string, (string Series, double GFlop, double Seconds)> series) in points.GroupBy(p => p.Series).Index())
        {
            string line = string.Join(" ", series.OrderBy(p => p.GFlop).Select(p => string.Create(CultureInfo.InvariantCulture, $"{X(p.GFlop):0.0},{Y(p.Seconds):0.0}")));
            Add($"<polyline points=\"{line}\" fill=\"none\" stroke=\"{s_colors[index]}\" stroke-width=\"2\"/>");
            foreach ((_, double flop, double seconds) in series)
                Add($"<circle cx=\"{X(flop):0.0}\" cy=\"{Y(seconds):0.0}\" r=\"4\" fill=\"{s_colors[index]}\"/>");
            Add($"<text x=\"{Margin + 16}\" y=\"{Margin + 20 + 18 * index}\" fill=\"{s_colors[index]}\">{series.Key}</text>");
        }

        return svg.AppendLine("</svg>").ToString();
    }

    private static (int, int) Decades(IEnumerable<double> values) => ((int)Math.Floor(Math.Log10(values.Min())), (int)Math.Ceiling(Math.Log10(values.Max())));
}
