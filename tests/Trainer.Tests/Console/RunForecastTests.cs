using System.Text.Json;
using System.Text.Json.Nodes;
using P6bNative.Trainer.Commands;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Tests.Training;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Tests.Console;

/// <summary>The forecast that train makes of itself.</summary>
public sealed class RunForecastTests
{
    // Large enough that the ridge fit is below a hundredth of the training.
    private static readonly string[] Large = ["--d-model", "64", "--ff", "256", "--epochs", "6"];

    [Theory]
    [InlineData("p6b-v2.1")]
    [InlineData("p6b-v3")]
    [InlineData("p6")]
    public void Train_writes_what_forecast_prints_and_says_it_in_the_header(string mode)
    {
        using var folder = new TestFolder();
        TestConsole run = TinyRun.Train(folder["run"], [.. Large, "--mode", mode]);
        Assert.True(run.ExitCode == 0, run.Error);
        string file = File.ReadAllText(Path.Combine(folder["run"], "forecast.json"));
        Assert.Equal(TestConsole.Run("forecast", "--config", Path.Combine(folder["run"], "config.json"), "--json").Output.TrimEnd(), file.TrimEnd());

        string[] lines = run.Output.Split('\n');
        int at = Array.FindIndex(lines, line => line.StartsWith("forecast ridge on ", StringComparison.Ordinal));
        Assert.InRange(at, 1, 30);
        JsonElement forecast = JsonDocument.Parse(file).RootElement;
        double ridge = forecast.GetProperty("curve")[0].GetProperty("cosine").GetDouble();
        if (mode == "p6")
            Assert.Contains($"the baseline to beat: val cosine {ridge:F4}, margin vs ctx0", lines[at + 1]);
        else
        {
            Assert.Contains($"a network that predicts like this ridge (val cosine {ridge:F4}) would", lines[at + 1]);
            Assert.Contains(forecast.GetProperty("stages")[0].GetProperty("collapses").GetBoolean() ? "(from epoch 1) collapse" : "come to rest at ridge - ", lines[at + 2]);
        }
    }

    [Fact]
    public void Weights_state_and_history_are_the_same_with_and_without_a_forecast()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["with"], Large).ExitCode);

        // Stopped before anything is done, and resumed: a resumed run makes no forecast.
        TestConsole stopped = TestConsole.Run(new CancellationToken(canceled: true), TinyRun.Arguments(folder["without"], Large));
        Assert.Equal(130, stopped.ExitCode);
        TestConsole resumed = TestConsole.Run("train", "--resume", folder["without"]);
        Assert.Equal(0, resumed.ExitCode);
        Assert.DoesNotContain("forecast", resumed.Output);
        Assert.False(File.Exists(Path.Combine(folder["without"], "forecast.json")));
        foreach (string name in (string[])["last.safetensors", "last.state", "best.safetensors"])
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(folder["with"], name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder["without"], name))), name);
        }

        Assert.Equal(History(folder["with"]), History(folder["without"]));
    }

    [Fact]
    public void Stopped_during_the_fit_the_run_is_saved_and_nothing_is_half_written()
    {
        using var folder = new TestFolder();
        using var stop = new CancellationTokenSource();
        using var output = new StoppingWriter("forecast ridge on ", stop);
        int code = CommandLineApp.Run(
            TinyRun.Arguments(folder["run"], Large), new ConsoleContext(output, TextWriter.Null, IsTerminal: false, stop.Token));
        Assert.Equal(130, code);
        Assert.Contains("given up: stop requested", output.ToString());
        Assert.Contains("Interrupted and saved: step 0", output.ToString());
        Assert.False(File.Exists(Path.Combine(folder["run"], "forecast.json")));
        Assert.Empty(Directory.EnumerateFiles(folder["run"], "*.tmp"));
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["run"], "--max-steps", "2").ExitCode);
    }

    [Fact]
    public void A_resumed_run_keeps_its_forecast()
    {
        using var folder = new TestFolder();
        string file = Path.Combine(folder["run"], "forecast.json");
        Assert.Equal(0, TinyRun.Train(folder["run"], [.. Large, "--max-steps", "60"]).ExitCode);
        byte[] before = File.ReadAllBytes(file);
        TestConsole resumed = TestConsole.Run("train", "--resume", folder["run"]);
        Assert.Equal(0, resumed.ExitCode);
        Assert.DoesNotContain("forecast ridge", resumed.Output);
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Fact]
    public void A_short_run_names_the_command_that_makes_the_forecast()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder["run"]);
        File.WriteAllText(Path.Combine(folder["run"], "forecast.json"), "of an earlier start");
        TestConsole run = TinyRun.Train(folder["run"], "--max-steps", "1");
        Assert.Equal(0, run.ExitCode);
        string config = Path.Combine(folder["run"], "config.json");
        Assert.Contains($"% to the arithmetic of this run; p6b forecast --config {config} makes it", run.Output);
        Assert.False(File.Exists(Path.Combine(folder["run"], "forecast.json")));
        Assert.Equal(0, TestConsole.Run("forecast", "--config", config).ExitCode);
    }

    [Fact]
    public void The_summary_sets_the_subtraction_beside_the_margin()
    {
        using var folder = new TestFolder();
        using RunFolder run = RunFolder.Create(new TrainingSettings { OutputDir = folder["run"] });
        EpochRecord epoch = new() { Epoch = 7, ValidationCosine = 0.64, ValidationMargins = [0, 0, 0, 0.05, 0.9] };
        Assert.Null(RunForecast.BesideMargin(run, epoch));
        Comparison.MadeUpForecast.Write(run.Path, "p6b-v2.1", "ctx3", collapses: false);
        Assert.Equal(
            "Epoch 7: margin vs ctx3 +0.050 at val cosine 0.6400 (all val batches); ridge - 0.30*ctx3 at that margin: cosine 0.6000",
            RunForecast.BesideMargin(run, epoch));
        Assert.Null(RunForecast.BesideMargin(run, epoch with { ValidationMargins = [0, 0, 0, 0.3, 0] }));
        Assert.Null(RunForecast.BesideMargin(run, epoch with { ValidationMargins = [0, 0, 0, -0.2, 0] }));
        Assert.Null(RunForecast.BesideMargin(run, epoch with { ValidationMargins = [] }));
        Comparison.MadeUpForecast.Write(run.Path, "p6", null, collapses: false);
        Assert.Null(RunForecast.BesideMargin(run, epoch));
        File.WriteAllText(run.Forecast, "{");
        Assert.Null(RunForecast.BesideMargin(run, epoch));
    }

    private static string History(string run) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(run, "history.json")))!["history"]!.ToJsonString();

    /// <summary>Asks for a stop as soon as a line begins as given.</summary>
    private sealed class StoppingWriter(string start, CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.StartsWith(start, StringComparison.Ordinal) == true) stop.Cancel();
        }
    }
}
