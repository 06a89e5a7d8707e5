using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Tests.Comparison;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Telemetry;

public sealed class RunReaderTests
{
    private const string Step = """{"step":1,"epoch":1,"pos":0.25,"skip":false}""";

    [Fact]
    public void Every_number_of_a_written_history_comes_back()
    {
        using var folder = new TestFolder();
        var run = new MadeUpRun(folder, "run", MadeUpRun.Config());
        EpochRecord record = EpochRecord.From(1, new EpochTotals { Steps = 3, Skips = 1, Rho = 1.0 / 3 }, Validation(2.0 / 7), 5e-4);
        new History().With(record).Save(run["history.json"]);

        RecordedEpoch epoch = Assert.Single(RunReader.Read(run.Path).Epochs);
        Assert.Equal(1, epoch.Epoch);
        Assert.Equal(2.0 / 7, epoch["val_loss"]);
        Assert.Equal(1.0 / 3 / 3, epoch["mean_rho"]);
        Assert.Equal(1, epoch["skip_count"]);
        Assert.Equal([0.1, 0.2, 0.3, 0.4, 0.5], Enumerable.Range(0, 5).Select(slot => epoch[$"val_margins[{slot}]"]));
        Assert.True(double.IsNaN(epoch["no such key"]));
    }

    [Fact]
    public void What_was_not_finite_is_null_in_the_file_and_nan_when_read()
    {
        using var folder = new TestFolder();
        var run = new MadeUpRun(folder, "run", MadeUpRun.Config());
        new History().With(EpochRecord.From(1, new EpochTotals { Steps = 1 }, Validation(double.NaN), 5e-4)).Save(run["history.json"]);
        RunRecord record = RunReader.Read(run.Path);
        Assert.True(double.IsNaN(Assert.Single(record.Epochs)["val_loss"]));
        Assert.Null(record.Best);
    }

    [Fact]
    public void A_folder_with_nothing_but_its_config_is_a_run_that_has_just_begun()
    {
        using var folder = new TestFolder();
        RunRecord run = RunReader.Read(new MadeUpRun(folder, "run", MadeUpRun.Config()).Path);
        Assert.Empty(run.Epochs);
        Assert.Equal((0, 0L, null, null), (run.Logged.Count, run.LastStep, run.StoppedBy, run.Position));
        Assert.Equal("ctx3", run.Negative);
    }

    [Theory]
    [InlineData("{\"step\":2,\"epoch\":1,\"po")]
    [InlineData("{")]
    [InlineData("\0\0\0")]
    public void A_last_line_that_is_half_written_is_passed_over(string half)
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "run", MadeUpRun.Config()).With("metrics.jsonl", $"{Step}\n{half}");
        LoggedSteps logged = RunReader.Read(run.Path).Logged;
        Assert.Equal([1L], logged.Steps);
        Assert.Equal([0.25], logged["pos"]);
        Assert.Equal([0.0], logged["skip"]);
        Assert.True(double.IsNaN(Assert.Single(logged["rho"])));
    }

    [Theory]
    [InlineData("config.json", "", "config.json", "line 1")]
    [InlineData("config.json", "{\n\"mode\": \"p6\",\n\"lr\": }", "config.json", "line 3")]
    [InlineData("config.json", "[]", "config.json", "an array")]
    [InlineData("history.json", "", "history.json", "line 1")]
    [InlineData("history.json", "null", "history.json", "null")]
    [InlineData("history.json", "{}", "history.json", "'history'")]
    [InlineData("history.json", "{\"history\": 3}", "history.json", "'history'")]
    [InlineData("history.json", "{\"history\": [3]}", "history[0]", "a number")]
    [InlineData("history.json", "{\"history\": [{}]}", "history[0]", "epoch")]
    [InlineData("history.json", "{\"history\": [{\"epoch\": 1}, {\"epoch\": 1}]}", "history[1]", "epoch 1")]
    [InlineData("history.json", "{\"history\": [{\"epoch\": 99999999999}]}", "history[0]", "epoch")]
    [InlineData("history.json", "{\"history\": [{\"epoch\": 1, \"val_loss\": \"low\"}]}", "history[0]: val_loss", "a text")]
    [InlineData("history.json", "{\"history\": [{\"epoch\": 1, \"val_margins\": [0, {}]}]}", "val_margins[1]", "an object")]
    [InlineData("history.json", "{\"history\": [\n{\"epoch\": 1, \"val_loss\": NaN}]}", "history.json", "line 2")]
    [InlineData("metrics.jsonl", Step + "\n{\"step\":2,\n" + Step + "\n", "metrics.jsonl", "line 2")]
    [InlineData("metrics.jsonl", Step + "\n\n", "metrics.jsonl", "line 2")]
    [InlineData("metrics.jsonl", Step + "\n" + Step + "\n", "line 2", "step 1 comes after step 1")]
    [InlineData("metrics.jsonl", "{\"step\":1,\"epoch\":1,\"pos\":\"high\"}\n", "line 1: pos", "a text")]
    [InlineData("metrics.jsonl", "{\"step\":\"1\",\"epoch\":1}\n", "line 1", "step")]
    [InlineData("metrics.jsonl", "{\"step\":1.5,\"epoch\":1}\n", "line 1", "step")]
    [InlineData("metrics.jsonl", "{\"step\":1}\n", "line 1", "epoch")]
    [InlineData("metrics.jsonl", "7\n", "line 1", "a number")]
    [InlineData("evaluation.json", "PASS 3/5", "evaluation.json", "line 1")]
    [InlineData("last.state", "short", "last.state")]
    public void What_is_damaged_is_named_with_file_and_line(string file, string content, params string[] words)
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "run", MadeUpRun.Config()).With(file, content);
        TestConsole.Run("guards", run.Path).AssertRefused(words);
        TestConsole.Run("compare", run.Path).AssertRefused(words);
    }

    [Fact]
    public void A_folder_without_a_run_is_named()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["file"], "");
        TestConsole.Run("compare", folder["nowhere"]).AssertRefused("nowhere", "no such folder");
        TestConsole.Run("compare", folder["file"]).AssertRefused("a file");
        TestConsole.Run("guards", folder.Path).AssertRefused("config.json");
    }

    [Fact]
    public void Keys_of_other_versions_do_no_harm()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "run", MadeUpRun.Config())
            .With("history.json", """{"history":[{"epoch":1,"val_cosine":0.5,"note":"text","nested":{"a":1},"new":[1,"x"]}],"new":1}""")
            .With("metrics.jsonl", """{"step":1,"epoch":1,"note":"text","pos":null}""" + "\n");
        RunRecord record = RunReader.Read(run.Path);
        Assert.Equal(0.5, Assert.Single(record.Epochs)["val_cosine"]);
        Assert.True(double.IsNaN(Assert.Single(record.Logged["pos"])));
    }

    [Fact]
    public void The_stop_of_a_guard_stands_until_the_run_is_resumed()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "run", MadeUpRun.Config())
            .With("training.log", "Epoch 1/3\nSTOPPED at step 7 (epoch 1, batch 6): loss is NaN\n");
        Assert.Equal("step 7 (epoch 1, batch 6): loss is NaN", RunReader.Read(run.Path).StoppedBy);
        run.With("training.log", File.ReadAllText(run["training.log"]) + "Resumed at step 5 (epoch 1, batch 5)\n");
        Assert.Null(RunReader.Read(run.Path).StoppedBy);
    }

    private static EvaluationResult Validation(double loss) => new(loss, 0.46, [0.1, 0.2, 0.3, 0.4, 0.5], new Mini5CatResult(-0.047, 0.75, 320), RetrievalResult.None, RetrievalResult.None);
}
