using System.Globalization;
using System.Xml.Linq;
using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

public sealed class ComparisonSvgTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_point_for_every_epoch_and_logged_step()
    {
        using var folder = new TestFolder();
        XElement svg = Draw(folder, MadeUpRuns.Write(folder));
        Assert.Equal(3 + 1 + 2, Points(Panel(svg, "val cosine")));
        Assert.Equal(3 + 1, Points(Panel(svg, "mini-5CAT margin vs ctx4")));
        Assert.Equal(30 + 15, Points(Panel(svg, "pos = ")));
        Assert.Equal(30 + 15, Points(Panel(svg, "lambda")));
        Assert.Equal(3 + 1 + 2, Panel(svg, "val cosine").Descendants(Svg + "circle").Count());
        Assert.Single(Panel(svg, "G = ").Elements(Svg + "path"), path => path.Attribute("class")?.Value == "reference");
        Assert.All(["v1", "v2, again", "old"], name => Assert.Contains(svg.Elements(Svg + "text"), text => text.Value == name));
        Assert.DoesNotContain(svg.Descendants(Svg + "text"), text => text.Value.StartsWith("S, limit", StringComparison.Ordinal));
    }

    [Fact]
    public void Points_lie_where_their_numbers_say()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "a", MadeUpRun.Config()).Metrics(
            [MadeUpRuns.Step(1, 1, 0.0, 0, 1e-3, false), MadeUpRuns.Step(11, 1, 0.5, 0, 1e-2, false), MadeUpRuns.Step(21, 1, 0.25, 0, 1e-1, false)]);
        (double X, double Y)[] pos = Coordinates(Panel(Draw(folder, [run.Path]), "pos = "));
        Assert.Equal(pos[1].X - pos[0].X, pos[2].X - pos[1].X, 0.11);
        Assert.Equal(pos[0].Y - pos[2].Y, pos[2].Y - pos[1].Y, 0.11);
        (double X, double Y)[] lambda = Coordinates(Panel(Draw(folder, [run.Path]), "lambda"));
        Assert.Equal(lambda[0].Y - lambda[1].Y, lambda[1].Y - lambda[2].Y, 0.11);
        Assert.True(lambda[2].Y < lambda[0].Y, "larger numbers stand higher");
    }

    [Fact]
    public void Six_long_runs_stay_below_100_kB_and_keep_their_peaks()
    {
        using var folder = new TestFolder();
        string[] runs = [.. Enumerable.Range(1, 6).Select(i => new MadeUpRun(folder, $"r{i}", MadeUpRun.Config()).Metrics(
            Enumerable.Range(1, 4000).Select(step =>
                MadeUpRuns.Step(step, 1, step == 1234 ? 0.99 : 0.3 + 0.1 * Math.Sin(step * i), 0.2, 1e-3, false))).Path)];
        XElement svg = Draw(folder, runs);
        Assert.InRange(new FileInfo(folder["c.svg"]).Length, 10_000, 100_000);
        double top = Coordinates(Panel(svg, "neg = ")).Min(point => point.Y);
        Assert.True(Coordinates(Panel(svg, "pos = ")).Min(point => point.Y) < top);
        Assert.Equal(6, Coordinates(Panel(svg, "pos = ")).Count(point => point.Y < 40));
    }

    [Fact]
    public void Runs_without_a_number_are_an_empty_chart()
    {
        using var folder = new TestFolder();
        Assert.Empty(Draw(folder, [new MadeUpRun(folder, "<&>", MadeUpRun.Config()).Path]).Elements(Svg + "g"));
    }

    [Fact]
    public void Single_points_equal_numbers_and_gaps_are_drawn_and_lambda_0_is_not()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "a", MadeUpRun.Config())
            .History(new() { ["val_cosine"] = 0.5 }, new() { ["val_cosine"] = null }, new() { ["val_cosine"] = 0.5 })
            .Metrics([MadeUpRuns.Step(1, 1, 0.5, 0, 0, false)]);
        XElement svg = Draw(folder, [run.Path]);
        Assert.Equal(2, Panel(svg, "val cosine").Elements(Svg + "polyline").Count());
        Assert.DoesNotContain("NaN", File.ReadAllText(folder["c.svg"]));
        Assert.DoesNotContain(svg.Descendants(Svg + "text"), text => text.Value == "lambda");
        Assert.DoesNotContain("∞", File.ReadAllText(folder["c.svg"]));
    }

    [Fact]
    public void Nothing_but_shapes_and_text_in_colours_that_show_on_light_and_dark()
    {
        using var folder = new TestFolder();
        XElement svg = Draw(folder, MadeUpRuns.Write(folder));
        HashSet<string> shapes = ["svg", "title", "g", "path", "polyline", "circle", "text"];
        Assert.Subset(shapes, svg.DescendantsAndSelf().Select(element => element.Name.LocalName).ToHashSet());
        Assert.All(SvgChart.Colours.Append(SvgChart.Ink), colour =>
        {
            Assert.True(Contrast(colour, "#ffffff") >= 3, $"{colour} on white: {Contrast(colour, "#ffffff"):F2}");
            Assert.True(Contrast(colour, "#0d1117") >= 3, $"{colour} on dark: {Contrast(colour, "#0d1117"):F2}");
        });
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-0.0123, 0.0031)]
    [InlineData(1, 24804)]
    [InlineData(0.5, 0.5)]
    [InlineData(0, 0)]
    public void Ticks_are_round_and_inside(double low, double high)
    {
        Axis axis = Axis.Over(low, high, 5);
        Assert.InRange(axis.Ticks.Count, 2, 11);
        Assert.All(axis.Ticks, tick => Assert.InRange(tick, axis.Low, axis.High));
        Assert.True(axis.Low < axis.High);
    }

    private static XElement Draw(TestFolder folder, string[] runs)
    {
        TestConsole run = TestConsole.Run(["compare", .. runs, "--svg", folder["c.svg"]]);
        Assert.True(run.ExitCode == 0, run.Error);
        return XDocument.Load(folder["c.svg"]).Root!;
    }

    private static XElement Panel(XElement svg, string title) => Assert.Single(
        svg.Elements(Svg + "g"), g => g.Elements(Svg + "text").First().Value.StartsWith(title, StringComparison.Ordinal));

    private static int Points(XElement panel) => Coordinates(panel).Length;

    private static (double X, double Y)[] Coordinates(XElement panel) =>
        [.. panel.Elements(Svg + "polyline").SelectMany(line => line.Attribute("points")!.Value.Split(' ')).Select(pair =>
        {
            string[] xy = pair.Split(',');
            return (double.Parse(xy[0], CultureInfo.InvariantCulture), double.Parse(xy[1], CultureInfo.InvariantCulture));
        })];

    private static double Contrast(string a, string b)
    {
        double[] both = [Luminance(a), Luminance(b)];
        return (both.Max() + 0.05) / (both.Min() + 0.05);
    }

    /// <summary>Relative luminance of WCAG 2.</summary>
    private static double Luminance(string colour)
    {
        double[] rgb = [.. Enumerable.Range(0, 3).Select(i => Convert.ToInt32(colour.Substring(1 + 2 * i, 2), 16) / 255.0)
            .Select(c => c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4))];
        return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    }
}
