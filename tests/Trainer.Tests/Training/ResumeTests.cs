using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

public sealed class ResumeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(11)]
    [InlineData(20)]
    [InlineData(7, "--slot-skips", TinyRun.Switch)]
    public void Train_stop_resume_equals_train_to_the_byte(int stopAt, params string[] flags)
    {
        using var whole = new TestFolder();
        using var parts = new TestFolder();
        Assert.Equal(0, TinyRun.Train(whole["run"], flags).ExitCode);
        Assert.Equal(0, TinyRun.Train(parts["run"], ["--max-steps", $"{stopAt}", .. flags]).ExitCode);
        TestConsole resumed = TestConsole.Run("train", "--resume", parts["run"]);
        Assert.Equal(0, resumed.ExitCode);
        AssertSameResult(whole["run"], parts["run"]);
    }

    [Fact]
    public void Every_step_may_be_a_resumed_one()
    {
        using var whole = new TestFolder();
        using var parts = new TestFolder();
        Assert.Equal(0, TinyRun.Train(whole["run"], "--max-steps", "16").ExitCode);
        Assert.Equal(0, TinyRun.Train(parts["run"], "--max-steps", "1").ExitCode);
        for (int step = 2; step <= 16; step++)
            Assert.Equal(0, TestConsole.Run("train", "--resume", parts["run"], "--max-steps", $"{step}").ExitCode);
        AssertSameResult(whole["run"], parts["run"]);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("2", "--slot-skips", TinyRun.Switch)]
    public void The_same_seed_gives_the_same_bytes_for_any_thread_count(string threads, params string[] flags)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["a"], ["--max-steps", "9", .. flags]).ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["b"], ["--max-steps", "9", "--threads", threads, .. flags]).ExitCode);
        AssertSameResult(folder["a"], folder["b"]);
    }

    [Fact]
    public void Another_seed_gives_other_weights()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["a"], "--max-steps", "2").ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["b"], "--max-steps", "2", "--seed", "7").ExitCode);
        Assert.NotEqual(File.ReadAllBytes(Path.Combine(folder["a"], "last.safetensors")), File.ReadAllBytes(Path.Combine(folder["b"], "last.safetensors")));
    }

    [Fact]
    public void A_stop_request_saves_and_exits_with_130()
    {
        using var folder = new TestFolder();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        TestConsole run = TestConsole.Run(stop.Token, TinyRun.Arguments(folder["run"]));
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("--resume", run.Output);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["run"]).ExitCode);
    }

    [Fact]
    public void A_contradicting_flag_is_refused_and_an_agreeing_one_is_not()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "2").ExitCode);
        TestConsole.Run("train", "--resume", folder["run"], "--lr", "0.001").AssertRefused("--lr", "0.001", "0.0005");
        TestConsole.Run("train", "--resume", folder["run"], "--d-model", "32").AssertRefused("--d-model", "32", "16");
        TestConsole.Run("train", "--resume", folder["run"], "--max-steps", "1").AssertRefused("--max-steps", "step 2");
        TestConsole.Run("train", "--resume", folder["run"], "--slot-skips").AssertRefused("--slot-skips");
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["run"], "--lr", "5e-4", "--max-steps", "3").ExitCode);
    }

    [Fact]
    public void A_run_whose_data_changed_dimension_is_refused()
    {
        using var folder = new TestFolder();
        string data = folder["data.npz"];
        File.Copy(TinyRun.Fixture("parity", "even", "data.npz"), data);
        Assert.Equal(0, TinyRun.Train(folder["run"], "--data", data, "--max-steps", "2").ExitCode);
        File.Copy(TinyRun.Fixture("parity", "odd", "data.npz"), data, overwrite: true);
        TestConsole.Run("train", "--resume", folder["run"]).AssertRefused("last.safetensors", "input_proj.weight");
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_not_overwritten()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "2").ExitCode);
        TinyRun.Train(folder["run"]).AssertRefused(folder["run"], "--resume");
    }

    [Fact]
    public void A_lost_state_is_named_instead_of_starting_over()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"]).ExitCode);
        File.Delete(Path.Combine(folder["run"], "last.state"));
        TestConsole.Run("train", "--resume", folder["run"]).AssertRefused("last.state");
    }

    [Fact]
    public void A_run_killed_before_its_first_checkpoint_starts_again()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["a"], "--max-steps", "2").ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["b"], "--max-steps", "2").ExitCode);
        foreach (string file in Directory.EnumerateFiles(folder["b"]).Where(f => Path.GetFileName(f) != "config.json")) File.Delete(file);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["b"], "--max-steps", "2").ExitCode);
        AssertSameResult(folder["a"], folder["b"]);
    }

    [Fact]
    public void Data_with_other_windows_are_refused()
    {
        using var folder = new TestFolder();
        string data = folder["data.npz"];
        File.Copy(TinyRun.Fixture("parity", "even", "data.npz"), data);
        Assert.Equal(0, TinyRun.Train(folder["run"], "--data", data, "--max-steps", "2").ExitCode);
        File.Copy(TinyRun.Fixture("parity", "skip", "data.npz"), data, overwrite: true);
        TestConsole.Run("train", "--resume", folder["run"]).AssertRefused("windows");
    }

    [Fact]
    public void Weights_and_state_of_different_steps_are_refused()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["a"], "--max-steps", "2").ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["b"], "--max-steps", "3").ExitCode);
        File.Copy(Path.Combine(folder["b"], "last.safetensors"), Path.Combine(folder["a"], "last.safetensors"), overwrite: true);
        TestConsole.Run("train", "--resume", folder["a"]).AssertRefused("last.state", "step 2");
    }

    private static void AssertSameResult(string a, string b)
    {
        foreach (string name in (string[])["last.safetensors", "last.state", "best.safetensors"])
        {
            string first = Path.Combine(a, name), second = Path.Combine(b, name);
            Assert.Equal(File.Exists(first), File.Exists(second));
            if (File.Exists(first)) Assert.True(File.ReadAllBytes(first).AsSpan().SequenceEqual(File.ReadAllBytes(second)), $"{name} differs");
        }

        Assert.Equal(WithoutTimes(a), WithoutTimes(b));
        Assert.Equal(Epochs(a), Epochs(b));
    }

    /// <summary>history.json but for the one field that is a time.</summary>
    private static string[] Epochs(string folder)
    {
        string path = Path.Combine(folder, "history.json");
        return File.Exists(path) ? [.. File.ReadLines(path).Where(line => !line.Contains("trained_at"))] : [];
    }

    /// <summary>metrics.jsonl but for the one field that is a time.</summary>
    private static string[] WithoutTimes(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line => line[..line.IndexOf("\"ms\"", StringComparison.Ordinal)])];
}
