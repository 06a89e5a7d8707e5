using System.Globalization;
using System.Security;
using System.Text;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// Draws panels of line charts as SVG: two across, a legend above. Transparent, in colours that keep their contrast on white and on near-black
/// (at least 3 to 1; a dash pattern beside each colour); no scripts, no fonts, no outside references.
/// </summary>
internal static class SvgChart
{
    /// <summary>Text, axes and grid.</summary>
    public const string Ink = "#757b84";

    private const int Across = 2;
    private const int PanelWidth = 470;
    private const int PanelHeight = 220;
    private const int Left = 62;
    private const int Right = 14;
    private const int Top = 26;
    private const int Bottom = 36;
    private const int LegendRow = 18;
    private const int LegendColumn = 235;
    private const int LegendColumns = Across * PanelWidth / LegendColumn;

    /// <summary>A colour a run, in turn; then again with the next dash pattern.</summary>
    public static IReadOnlyList<string> Colours { get; } = ["#2f7fd1", "#d3601a", "#1f9467", "#c04f9b", "#a07c14", "#7a73d6"];

    private static readonly string[] Dashes = ["", "6 3", "2 2", "8 3 2 3"];

    /// <summary>The file as text.</summary>
    /// <param name="title">For readers that cannot see it.</param>
    /// <param name="names">The runs, in the order of their indices.</param>
    /// <param name="panels">Each has at least one curve with a finite point.</param>
    public static string Draw(string title, IReadOnlyList<string> names, IReadOnlyList<Panel> panels)
    {
        int legend = (names.Count + LegendColumns - 1) / LegendColumns * LegendRow + 8;
        int rows = (panels.Count + Across - 1) / Across;
        var svg = new StringBuilder();
        int width = Across * PanelWidth, height = legend + rows * PanelHeight;
        svg.Append($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" ");
        svg.Append($"font-family=\"sans-serif\" font-size=\"11\" fill=\"{Ink}\">\n<title>{Escape(title)}</title>\n");
        for (int i = 0; i < names.Count; i++)
        {
            (int x, int y) = (8 + i % LegendColumns * LegendColumn, 14 + i / LegendColumns * LegendRow);
            svg.Append($"<path d=\"M{x} {y - 4}h28\" {Stroke(i)}/><text x=\"{x + 34}\" y=\"{y}\">{Escape(names[i])}</text>\n");
        }

        for (int i = 0; i < panels.Count; i++)
        {
            svg.Append($"<g transform=\"translate({i % Across * PanelWidth} {legend + i / Across * PanelHeight})\">\n");
            Draw(svg, panels[i]);
            svg.Append("</g>\n");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private static void Draw(StringBuilder svg, Panel panel)
    {
        Curve[] curves = [.. panel.Curves.Select(curve => Scaled(curve, panel.Logarithmic))];
        Axis x = HorizontalAxis(curves, panel), y = VerticalAxis(curves, panel);
        svg.Append($"<text x=\"{Left}\" y=\"15\" font-weight=\"bold\">{Escape(panel.Title)}</text>\n");
        foreach (double tick in y.Ticks)
        {
            svg.Append($"<path d=\"M{Left} {Number(Y(tick))}H{PanelWidth - Right}\" stroke=\"{Ink}\" stroke-opacity=\".25\"/>");
            string label = panel.Logarithmic ? $"1e{tick:0}" : Label(tick);
            svg.Append($"<text x=\"{Left - 5}\" y=\"{Number(Y(tick) + 4)}\" text-anchor=\"end\">{label}</text>\n");
        }

        foreach (double tick in x.Ticks)
            svg.Append($"<text x=\"{Number(X(tick))}\" y=\"{PanelHeight - Bottom + 14}\" text-anchor=\"middle\">{Label(tick)}</text>\n");
        svg.Append($"<path d=\"M{Left} {Top}V{PanelHeight - Bottom}H{PanelWidth - Right}\" fill=\"none\" stroke=\"{Ink}\"/>\n");
        svg.Append($"<text x=\"{PanelWidth - Right}\" y=\"{PanelHeight - Bottom + 28}\" text-anchor=\"end\">{Escape(panel.XUnit)}</text>\n");
        svg.Append($"<text transform=\"translate(12 {(Top + PanelHeight - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\">");
        svg.Append(Escape(panel.YUnit)).Append("</text>\n");
        if (panel.Reference is { } reference && reference >= y.Low && reference <= y.High)
        {
            svg.Append($"<path class=\"reference\" d=\"M{Left} {Number(Y(reference))}H{PanelWidth - Right}\" stroke=\"{Ink}\" ");
            svg.Append("stroke-width=\"1.5\" stroke-dasharray=\"1 3\"/>\n");
        }

        foreach (Curve curve in curves)
        {
            foreach ((double X, double Y)[] stretch in Stretches(curve.Points))
            {
                IEnumerable<string> points = stretch.Select(p => $"{Number(X(p.X))},{Number(Y(p.Y))}");
                svg.Append($"<polyline {Stroke(curve.Run)} points=\"").AppendJoin(' ', points).Append("\"/>\n");
                if (!panel.Marks && stretch.Length > 1) continue;
                foreach ((double X, double Y) p in stretch)
                    svg.Append($"<circle cx=\"{Number(X(p.X))}\" cy=\"{Number(Y(p.Y))}\" r=\"2.5\" fill=\"{Colour(curve.Run)}\"/>");
                svg.Append('\n');
            }
        }

        double X(double value) => Left + x.Position(value) * (PanelWidth - Left - Right);
        double Y(double value) => PanelHeight - Bottom - y.Position(value) * (PanelHeight - Top - Bottom);
    }

    private static Axis HorizontalAxis(Curve[] curves, Panel panel)
    {
        double[] xs = [.. curves.SelectMany(curve => curve.Points.Select(point => point.X))];
        Axis axis = Axis.Over(xs.Min(), xs.Max(), 6);

        // Epochs and steps are whole: a tick between two of them means nothing.
        return panel.Marks || axis.High - axis.Low < 6 ? axis with { Ticks = [.. axis.Ticks.Where(double.IsInteger)] } : axis;
    }

    private static Axis VerticalAxis(Curve[] curves, Panel panel)
    {
        double[] ys = [.. curves.SelectMany(curve => curve.Points.Select(point => point.Y)).Where(double.IsFinite)];
        if (panel.Logarithmic) return Axis.OverDecades(ys.Min(), ys.Max());
        (double low, double high) = (ys.Min(), ys.Max());

        // The line to compare with is drawn where it is near, and may not flatten curves that stay far below it.
        double range = Math.Max(high - low, 1e-9);
        if (panel.Reference is { } reference && reference > low - range && reference < high + range)
            (low, high) = (Math.Min(low, reference), Math.Max(high, reference));
        double room = (high - low) * 0.04;
        return Axis.Over(low - room, high + room, 5);
    }

    private static Curve Scaled(Curve curve, bool logarithmic) => !logarithmic
        ? curve
        : curve with { Points = [.. curve.Points.Select(point => (point.X, point.Y > 0 ? Math.Log10(point.Y) : double.NaN))] };

    private static IEnumerable<(double X, double Y)[]> Stretches(IReadOnlyList<(double X, double Y)> points)
    {
        int start = 0;
        for (int i = 0; i <= points.Count; i++)
        {
            if (i < points.Count && double.IsFinite(points[i].Y)) continue;
            if (i > start) yield return [.. points.Skip(start).Take(i - start)];
            start = i + 1;
        }
    }

    private static string Colour(int run) => Colours[run % Colours.Count];

    private static string Stroke(int run)
    {
        string dash = Dashes[run / Colours.Count % Dashes.Length];
        return $"fill=\"none\" stroke=\"{Colour(run)}\" stroke-width=\"1.5\"{(dash.Length > 0 ? $" stroke-dasharray=\"{dash}\"" : "")}";
    }

    private static string Label(double tick) => Math.Abs(tick) switch
    {
        < 1e-12 => "0",
        >= 10000 => $"{tick / 1000:0.#}k",
        _ => tick.ToString("0.#####", CultureInfo.InvariantCulture),
    };

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Escape(string text) => SecurityElement.Escape(text);
}
