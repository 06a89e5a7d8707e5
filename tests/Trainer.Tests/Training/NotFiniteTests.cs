using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

public sealed class NotFiniteTests
{
    /// <summary>A learning rate that throws the weights out of range after one step: the next loss is not finite.</summary>
    [Fact]
    public void A_loss_that_is_not_finite_stops_before_the_update_and_keeps_the_checkpoint()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--lr", "1e15", "--max-steps", "1").ExitCode);
        Dictionary<string, byte[]> before = Files(folder["run"]);

        TestConsole resumed = TestConsole.Run("train", "--resume", folder["run"]);
        Assert.Equal(3, resumed.ExitCode);
        string line = Assert.Single(resumed.Error.TrimEnd().Split('\n'));
        Assert.Contains("step 2", line);
        Assert.Contains("first made by", line);
        Dictionary<string, byte[]> after = Files(folder["run"]);
        foreach (string name in (string[])["last.safetensors", "last.state"]) Assert.Equal(before[name], after[name]);
        Assert.Contains("STOPPED", File.ReadAllText(Path.Combine(folder["run"], "training.log")));
        Assert.Equal(before["metrics.jsonl"], after["metrics.jsonl"]);
    }

    /// <summary>The first update itself throws the weights out of range: they must not become the checkpoint.</summary>
    [Fact]
    public void Weights_that_are_not_finite_are_never_saved()
    {
        using var folder = new TestFolder();
        TestConsole run = TinyRun.Train(folder["run"], "--lr", "1e39", "--max-steps", "1");
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("weights", Assert.Single(run.Error.TrimEnd().Split('\n')));
        Assert.Equal(0, TestConsole.Run("predict", "--model", Path.Combine(folder["run"], "last.safetensors"), "--data",
            TinyRun.Fixture("parity", "even", "data.npz"), "--out", folder["p.npz"]).ExitCode);
    }

    private static Dictionary<string, byte[]> Files(string folder) =>
        Directory.EnumerateFiles(folder).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
}
