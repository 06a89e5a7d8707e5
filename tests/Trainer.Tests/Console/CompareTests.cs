using System.Text.Json.Nodes;
using P6bNative.Trainer.Tests.Training;

namespace P6bNative.Trainer.Tests.Console;

public sealed class CompareTests
{
    // So short a run makes no forecast.
    private static readonly string[] OfForecast = ["forecast_collapses", "forecast_cosine", "forecast_margin_negative", "subtraction_cosine"];

    [Fact]
    public void A_trained_run_has_every_measure()
    {
        using var folder = new TestFolder();
        string[] stores = ["--data", TinyRun.Fixture("five_cat", "train.npz"), "--val", TinyRun.Fixture("five_cat", "val.npz")];
        Assert.Equal(0, TinyRun.Train(folder["a"], stores).ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["b"], ["--mode", "p6b-v1", .. stores]).ExitCode);
        JsonNode json = Compare(folder["a"], folder["b"]);
        Assert.Empty(json["warnings"]!.AsArray());
        Assert.Equal("8", (string?)json["differing_settings"]!["mode_constants.gamma"]!["b"]);
        Assert.False(json["differing_settings"]!.AsObject().ContainsKey("output_dir"));
        foreach (JsonNode? run in json["runs"]!.AsArray())
        {
            Assert.Equal(3, run!["epochs"]!.AsArray().Count);
            Assert.All(
                run["epochs"]!.AsArray(),
                epoch => Assert.All(epoch!.AsObject().Where(measure => !OfForecast.Contains(measure.Key)), measure => Assert.NotNull(measure.Value)));
        }

        TestConsole guards = TestConsole.Run("guards", folder["a"]);
        Assert.True(guards.ExitCode == 0, guards.Error);
        Assert.DoesNotContain("unknown", guards.Output);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(11)]
    public void A_run_resumed_in_the_middle_gives_the_report_of_one_without_a_pause(int stopAt)
    {
        using var whole = new TestFolder();
        using var parts = new TestFolder();
        Assert.Equal(0, TinyRun.Train(whole["run"]).ExitCode);
        Assert.Equal(0, TinyRun.Train(parts["run"], "--max-steps", $"{stopAt}").ExitCode);
        Assert.Equal($"{stopAt}", Compare(parts["run"])["runs"]![0]!["last_step"]!.ToString());
        Assert.Equal(0, TestConsole.Run("train", "--resume", parts["run"]).ExitCode);
        Assert.Equal(WithoutTimes(Compare(whole["run"])), WithoutTimes(Compare(parts["run"])));
        Assert.Equal(Guards(whole["run"]), Guards(parts["run"]));
    }

    private static JsonNode Compare(params string[] runs) => JsonNode.Parse(TestConsole.Run(["compare", .. runs, "--json", "-"]).Output)!;

    private static string Guards(string run)
    {
        JsonObject json = JsonNode.Parse(TestConsole.Run("guards", run, "--json").Output)!.AsObject();
        json.Remove("path");
        return json.ToJsonString();
    }

    /// <summary>The report but for the estimated times, the folder and the settings that only say where to stop.</summary>
    private static string WithoutTimes(JsonNode comparison)
    {
        JsonObject run = comparison["runs"]![0]!.AsObject();
        run.Remove("path");
        run["settings"]!.AsObject().Remove("output_dir");
        run["settings"]!.AsObject().Remove("max_steps");
        run["totals"]!.AsObject().Remove("seconds");
        foreach (JsonNode? epoch in run["epochs"]!.AsArray()) epoch!.AsObject().Remove("seconds");
        return comparison.ToJsonString();
    }
}
