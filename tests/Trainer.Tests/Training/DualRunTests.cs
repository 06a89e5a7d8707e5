using System.Text.Json;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>Runs of p6b-v3: warm-up, linear learning rate, resume, stop rule.</summary>
public sealed class DualRunTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(11)]
    public void Train_stop_resume_equals_train_to_the_byte(int stopAt)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["whole"], "--config", WithoutStopRule(folder)).ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["parts"], "--config", WithoutStopRule(folder), "--max-steps", $"{stopAt}").ExitCode);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["parts"]).ExitCode);
        Assert.Equal(Bytes(folder["whole"], "last.safetensors"), Bytes(folder["parts"], "last.safetensors"));
        Assert.Equal(WithoutTime(Steps(folder["whole"])), WithoutTime(Steps(folder["parts"])));
    }

    [Fact]
    public void Warm_up_is_plain_mse_and_then_the_rate_falls_to_zero_on_a_line()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--config", WithoutStopRule(folder), "--margin", "1", "--s-max", "0.25").ExitCode);
        JsonElement[] steps = Steps(folder["run"]);
        int warmUp = steps.Length / 4;
        Assert.All(steps[..warmUp], s => Assert.Equal((0, 5e-4), (Number(s, "lambda_eff"), Number(s, "lr"))));
        Assert.All(steps[warmUp..], s => Assert.True(Number(s, "lambda_eff") > 0));
        Assert.Equal(5e-4 / (steps.Length - warmUp + 1), Number(steps[^1], "lr"), 1e-12);
        Assert.All(steps, s => Assert.Equal((1.0, false), (Number(s, "margin_gap"), s.GetProperty("skip").GetBoolean())));
    }

    [Fact]
    public void Without_pressure_it_is_p6_under_the_same_learning_rate_to_the_byte()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["p6.json"], """{ "mode": "p6", "mode_constants": { "constant_rate_share": 0.25 } }""");
        Assert.Equal(0, TinyRun.Train(folder["p6"], "--config", folder["p6.json"]).ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["v3"], "--config", WithoutStopRule(folder), "--s-max", "0").ExitCode);
        Assert.Equal(Number(Steps(folder["v3"])[^1], "lr"), Number(Steps(folder["p6"])[^1], "lr"));
        Assert.Equal(Bytes(folder["p6"], "best.safetensors"), Bytes(folder["v3"], "best.safetensors"));
    }

    [Fact]
    public void A_collapse_stops_the_run_before_the_update_and_keeps_the_checkpoint()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["c.json"], """
            { "mode": "p6b-v3", "lr": 0.01, "epochs": 30, "last_slot_noise": 0,
              "mode_constants": {
                "gradient_cap": "Infinity",
                "dual": { "margin": 1.9, "rate": 10, "max_pressure": 100, "warmup_share": 0.5, "collapse_share": 0.9 } } }
            """);
        string[] sizes = ["--d-model", "16", "--layers", "1", "--heads", "2", "--ff", "24", "--batch-size", "8", "--log-every", "1", "--threads", "1"];
        string[] flags = ["train", "--data", TinyRun.Fixture("parity", "even", "data.npz"), "--config", folder["c.json"], "--output-dir", folder["run"], .. sizes];
        TestConsole run = TestConsole.Run(flags);
        Assert.Equal(3, run.ExitCode);
        string line = Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Contains("fell below 0.9 of the", line);
        Assert.Contains("--s-max", line);
        Assert.Contains("STOPPED", File.ReadAllText(Path.Combine(folder["run"], "training.log")));

        // The checkpoint of the last whole epoch is there and goes on to the same stop.
        TestConsole again = TestConsole.Run("train", "--resume", folder["run"]);
        Assert.Equal(3, again.ExitCode);
        Assert.Equal(line, again.Error.TrimEnd());
    }

    [Fact]
    public void Its_flags_belong_to_no_other_mode()
    {
        using var folder = new TestFolder();
        TinyRun.Train(folder["a"], "--margin", "0.1").AssertRefused("--margin", "p6b-v2.1");
        TinyRun.Train(folder["a"], "--s-max", "0.1", "--mode", "p6").AssertRefused("--s-max", "p6");
        TinyRun.Train(folder["a"], "--s-max", "-1", "--mode", "p6b-v3").AssertRefused("--s-max");
        TinyRun.Train(folder["a"], "--margin", "NaN", "--mode", "p6b-v3").AssertRefused("--margin");
    }

    /// <summary>The cosines of a net of this size are noise, which the stop rule may take for a collapse.</summary>
    private static string WithoutStopRule(TestFolder folder)
    {
        File.WriteAllText(folder["c.json"], """
            { "mode": "p6b-v3", "mode_constants": { "dual": { "margin": 0.05, "rate": 0.01, "max_pressure": 0.6, "warmup_share": 0.25, "collapse_share": 0 } } }
            """);
        return folder["c.json"];
    }

    private static double Number(JsonElement step, string key) => step.GetProperty(key).GetDouble();

    private static byte[] Bytes(string folder, string name) => File.ReadAllBytes(Path.Combine(folder, name));

    private static JsonElement[] Steps(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.Clone())];

    private static IEnumerable<string> WithoutTime(JsonElement[] steps) =>
        steps.Select(step => string.Join(',', step.EnumerateObject().Where(p => p.Name != "ms").Select(p => p.ToString())));
}
