using System.Text.Json;
using P6bNative.Model;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>Runs of p6-nce: negatives from article stores, the gradient cap as strength, the best epoch by rank, resume.</summary>
public sealed class ContrastRunTests
{
    [Fact]
    public void Train_stop_resume_equals_train_to_the_byte()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, Train(folder["whole"]).ExitCode);
        Assert.Equal(0, Train(folder["parts"], "--max-steps", "7").ExitCode);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["parts"]).ExitCode);
        foreach (string file in (string[])["last.safetensors", "last.state", "best.safetensors"])
        {
            Assert.True(
                File.ReadAllBytes(Path.Combine(folder["whole"], file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder["parts"], file))),
                $"{file} differs");
        }
    }

    [Fact]
    public void The_gradient_ratio_is_the_cap_in_every_step()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, Train(folder["one"]).ExitCode);
        Assert.Equal(0, Train(folder["three"], "--gradient-cap", "3").ExitCode);
        Assert.All(Steps(folder["one"]), step => Assert.Equal(1, step.GetProperty("gradient_ratio").GetDouble(), 1e-9));
        Assert.All(Steps(folder["three"]), step => Assert.Equal(3, step.GetProperty("gradient_ratio").GetDouble(), 1e-9));
        Assert.All(Steps(folder["one"]), step => Assert.True(step.GetProperty("dir").GetDouble() > 0));
    }

    [Fact]
    public void The_best_epoch_is_the_one_that_ranks_best_and_evaluate_agrees_with_its_rank()
    {
        using var folder = new TestFolder();
        TestConsole run = Train(folder["run"], "--epochs", "6", "--lr", "5e-3");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("highest in-article MRR", run.Output);
        using JsonDocument history = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder["run"], "history.json")));
        double[] ranks = [.. history.RootElement.GetProperty("history").EnumerateArray().Select(epoch => epoch.GetProperty("val_in_article_mrr").GetDouble())];
        Assert.True(ranks.Distinct().Count() > 1);
        string[] table = [.. run.Output.Split('\n').Where(line => line.TrimStart().Split(' ') is [_, "*", ..])];
        Assert.Equal($"{Array.IndexOf(ranks, ranks.Max()) + 1}", Assert.Single(table).TrimStart().Split(' ')[0]);
        Assert.Contains("* highest in-article MRR", run.Output);
        string best = Path.Combine(folder["run"], "best.safetensors");
        using (SafetensorsFile file = SafetensorsFile.Open(best))
            Assert.Equal($"{Array.IndexOf(ranks, ranks.Max()) + 1}", file.Metadata["epoch"]);

        TestConsole compared = TestConsole.Run("compare", folder["run"], "--json", folder["c.json"]);
        Assert.Contains("(highest in-article MRR", compared.Output);
        using JsonDocument comparison = JsonDocument.Parse(File.ReadAllBytes(folder["c.json"]));
        Assert.Equal(Array.IndexOf(ranks, ranks.Max()) + 1, comparison.RootElement.GetProperty("runs")[0].GetProperty("best_epoch").GetInt32());

        TestConsole.Run("evaluate", "--model", best, "--val-npz", Store("val"), "--out", folder["e.json"]);
        using JsonDocument evaluation = JsonDocument.Parse(File.ReadAllBytes(folder["e.json"]));
        JsonElement measure = evaluation.RootElement.GetProperty("corrected").GetProperty("VAL").GetProperty("B0:MRR(no ctx)");
        Assert.Equal(ranks.Max(), measure.GetProperty("value").GetDouble(), 1e-6);
    }

    [Fact]
    public void It_needs_article_stores_and_has_no_negative_slot()
    {
        using var folder = new TestFolder();
        TinyRun.Train(folder["a"], "--mode", "p6-nce").AssertRefused("p6-nce", "sequence file", "article store");
        TinyRun.Train(folder["a"], "--mode", "p6-nce", "--data", Store("train"), "--val", Store("val_sequences")).AssertRefused("val_sequences", "article store");
        Train(folder["a"], "--negative", "ctx0").AssertRefused("--negative ctx0", "p6-nce");
        Train(folder["a"], "--margin", "0.1").AssertRefused("--margin");
        Assert.False(Directory.Exists(folder["a"]));
    }

    [Theory]
    [MemberData(nameof(GpuTrainingTests.Devices), MemberType = typeof(GpuTrainingTests))]
    public void A_gpu_has_the_losses_of_the_host(string name)
    {
        GpuDevices.Require(name);
        using var folder = new TestFolder();
        Assert.Equal(0, Train(folder["host"], "--device", "host", "--max-steps", "12").ExitCode);
        Assert.Equal(0, Train(folder["gpu"], "--device", name, "--max-steps", "12").ExitCode);
        JsonElement[] host = Steps(folder["host"]), gpu = Steps(folder["gpu"]);
        Assert.Equal(12, gpu.Length);
        for (int i = 0; i < host.Length; i++)
        {
            foreach (string key in (string[])["loss", "dir", "lambda_eff", "grad_norm"])
            {
                double expected = host[i].GetProperty(key).GetDouble();
                Assert.Equal(expected, gpu[i].GetProperty(key).GetDouble(), 1e-4 * Math.Abs(expected));
            }
        }
    }

    private static TestConsole Train(string folder, params string[] more) =>
        TinyRun.Train(folder, ["--mode", "p6-nce", "--data", Store("train"), "--val", Store("val"), .. more]);

    private static string Store(string name) => TinyRun.Fixture("five_cat", $"{name}.npz");

    private static JsonElement[] Steps(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement.Clone())];
}
