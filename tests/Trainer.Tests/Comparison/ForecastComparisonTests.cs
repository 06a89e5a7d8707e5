using System.Text.Json.Nodes;
using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

public sealed class ForecastComparisonTests
{
    [Fact]
    public void Text_sets_each_stage_beside_its_last_epoch()
    {
        using var folder = new TestFolder();
        string[] runs = Write(folder);
        string text = ComparisonTextTests.Trimmed(TestConsole.Run(["compare", .. runs]).Output);
        Assert.Contains(
            """
            forecast.json beside the last epoch of each stage: val cosine, and val margin against the run's own negative

             run  stage  epoch  cosine: forecast  measured  margin: forecast  measured  ridge - a*neg there
            ────────────────────────────────────────────────────────────────────────────────────────────────
             v1       1      2             .6700     .4758            -.0500    -.0370                .6611
             v1       2      3         collapses    -.0494                 -    +.3965                    -
            """,
            text, StringComparison.Ordinal);
    }

    [Fact]
    public void Json_and_csv_hold_forecast_and_outcome()
    {
        using var folder = new TestFolder();
        string[] runs = Write(folder);
        JsonNode json = JsonNode.Parse(TestConsole.Run(["compare", .. runs, "--json", "-"]).Output)!;
        JsonNode forecast = json["runs"]![0]!["forecast"]!;
        Assert.Equal("ridge", (string?)forecast["predictor"]);
        JsonNode first = forecast["stages"]![0]!, second = forecast["stages"]![1]!;
        Assert.Equal((0.67, -0.05, 2), ((double)first["forecast_cosine"]!, (double)first["forecast_margin_negative"]!, (int)first["last_epoch"]!));
        Assert.Equal((0.4758, -0.037), ((double)first["val_cosine"]!, Math.Round((double)first["val_margin_negative"]!, 9)));
        Assert.Equal(0.6611, (double)first["subtraction_cosine"]!, 1e-9);
        Assert.True((bool)second["forecast_collapses"]!);
        Assert.Null(second["forecast_cosine"]);
        Assert.Null(json["runs"]![1]!["forecast"]);

        string[] lines = TestConsole.Run(["compare", .. runs, "--csv", "-"]).Output.TrimEnd().Split('\n');
        string[] heads = lines[0].Split(',');
        Assert.Equal(["0", "0", "1"], lines[1..4].Select(line => line.Split(',')[Array.IndexOf(heads, "forecast_collapses")]));
        Assert.Equal(["0.67", "0.67", ""], lines[1..4].Select(line => line.Split(',')[Array.IndexOf(heads, "forecast_cosine")]));
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("p6b-v2", "is of mode p6b-v2")]
    [InlineData("ctx2", "is of negative ctx2")]
    public void A_damaged_or_foreign_forecast_is_ignored_with_a_note(string what, string note)
    {
        using var folder = new TestFolder();
        MadeUpRun run = MadeUpRuns.Collapsed(folder);
        if (what == "{")
            run.With("forecast.json", what);
        else
            MadeUpForecast.Write(run.Path, what == "ctx2" ? "p6b-v1" : what, what == "ctx2" ? what : "ctx3", collapses: true);
        TestConsole compare = TestConsole.Run("compare", run.Path);
        Assert.Equal((0, ""), (compare.ExitCode, compare.Error));
        string warning = Assert.Single(compare.Output.Split('\n'), line => line.StartsWith("WARNING", StringComparison.Ordinal));
        Assert.Contains(note, warning);
        Assert.Contains($"p6b forecast --config {run["config.json"]} --json", warning);
        Assert.DoesNotContain("cosine: forecast", compare.Output);
        Assert.Contains(note, Forecast(run).Answer);
    }

    [Theory]
    [InlineData(true, new[] { 0.5, 0.5, 0.1 }, 2, "collapsed in stage 2, as forecast")]
    [InlineData(true, new[] { 0.5, 0.1, 0.1 }, 1, "collapsed in stage 1, EARLIER")]
    [InlineData(true, new[] { 0.5, 0.5, 0.5 }, null, "no collapse up to now, in stage 2, NOT as forecast")]
    [InlineData(true, new[] { 0.5, 0.5 }, null, "has not come to that stage")]
    [InlineData(true, new[] { 0.1 }, null, "cannot be told")]
    [InlineData(false, new[] { 0.5, 0.5, 0.1 }, 2, "collapsed in stage 2, NOT as forecast")]
    [InlineData(false, new[] { 0.5, 0.5, 0.5 }, null, "no collapse, as forecast")]
    public void Guards_tells_whether_the_run_collapsed_where_the_forecast_said(bool collapses, double[] cosines, int? measured, string expected)
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config("p6b-v1"))
            .History([.. cosines.Select(c => new Dictionary<string, object?> { ["val_cosine"] = c })]);
        MadeUpForecast.Write(run.Path, "p6b-v1", "ctx3", collapses);
        GuardAnswer answer = Forecast(run);
        Assert.Contains(expected, answer.Answer);
        Assert.Equal(measured, (int?)answer.Figures["measured_collapse_stage"]);
        Assert.Equal(collapses ? 2 : null, (int?)answer.Figures["forecast_collapse_stage"]);
    }

    private static GuardAnswer Forecast(MadeUpRun run) => GuardReport.Of(RunReader.Read(run.Path)).Single(answer => answer.Key == "forecast");

    private static string[] Write(TestFolder folder)
    {
        MadeUpRun collapsed = MadeUpRuns.Collapsed(folder);
        MadeUpForecast.Write(collapsed.Path, "p6b-v1", "ctx3", collapses: true);
        return [collapsed.Path, MadeUpRuns.Old(folder).Path];
    }
}
