using System.Text.Json.Nodes;
using P6bNative.Model;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>lstm, gru and amn through the console: training, resuming, predicting, and flags that they have no use for.</summary>
public sealed class ArchitectureRunTests
{
    public static TheoryData<string> Types => ["lstm", "gru", "amn"];

    [Theory]
    [MemberData(nameof(Types))]
    public void Train_stop_resume_equals_train_to_the_byte(string type)
    {
        using var folder = new TestFolder();
        TestConsole whole = Train(folder["whole"], type, "--max-steps", "20");
        Assert.True(whole.ExitCode == 0, whole.Error);
        Assert.Contains($"parameters: {type}, d 10", whole.Output);
        Assert.Equal(0, Train(folder["parts"], type, "--max-steps", "10", "--threads", "2").ExitCode);
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["parts"], "--max-steps", "20").ExitCode);
        foreach (string file in (string[])["last.safetensors", "last.state", "best.safetensors"])
        {
            byte[] expected = File.ReadAllBytes(Path.Combine(folder["whole"], file)), actual = File.ReadAllBytes(Path.Combine(folder["parts"], file));
            Assert.True(expected.AsSpan().SequenceEqual(actual), $"{file} differs");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_trained_model_predicts_and_is_a_start_for_another_run(string type)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, Train(folder["run"], type, "--epochs", "1").ExitCode);
        string weights = Path.Combine(folder["run"], "best.safetensors");
        TestConsole predict = TestConsole.Run(
            "predict", "--model", weights, "--data", TinyRun.Fixture("parity", "even", "data.npz"), "--out", folder["out.npz"]);
        Assert.True(predict.ExitCode == 0, predict.Error);
        Assert.Contains("93 predictions of dimension 48", predict.Output);
        Assert.Equal(0, Train(folder["next"], type, "--init", weights, "--max-steps", "1").ExitCode);
        TinyRun.Train(folder["other"], "--init", weights).AssertRefused("--init", weights, "--model-type", type);
    }

    [Theory]
    [InlineData("lstm", 512, 2, null, null, 0.2)]
    [InlineData("gru", 512, 4, null, null, 0.0)]
    [InlineData("amn", 256, null, null, 512, null)]
    [InlineData("transformer", 512, 4, 8, 2048, 0.1)]
    public void The_sizes_are_the_originals_unless_given_and_all_are_written(string type, int width, int? layers, int? heads, int? ff, double? dropout)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TestConsole.Run(
            "train", "--data", TinyRun.Fixture("parity", "even", "data.npz"), "--output-dir", folder["run"], "--batch-size", "2", "--max-steps", "1",
            "--model-type", type).ExitCode);
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder["run"], "config.json")))!;
        Assert.Equal(type, (string?)config["model_type"]);
        Assert.Equal((width, layers, heads, ff), ((int)config["d_model"]!, (int?)config["layers"], (int?)config["heads"], (int?)config["ff"]));
        Assert.Equal(dropout, (double?)config["dropout"]);
    }

    [Fact]
    public void A_run_from_before_there_were_architectures_is_a_transformer()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["whole"], "--max-steps", "4").ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["parts"], "--max-steps", "2").ExitCode);
        string file = Path.Combine(folder["parts"], "config.json");
        JsonObject config = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        Assert.True(config.Remove("model_type"));
        File.WriteAllText(file, config.ToJsonString());
        TestConsole resumed = TestConsole.Run("train", "--resume", folder["parts"], "--max-steps", "4");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["whole"], "last.state")), File.ReadAllBytes(Path.Combine(folder["parts"], "last.state")));
        TestConsole.Run("train", "--resume", folder["parts"], "--model-type", "gru").AssertRefused("--model-type");
    }

    [Theory]
    [InlineData("lstm", "--heads", "2", "attention heads")]
    [InlineData("lstm", "--ff", "64", "feed-forward part")]
    [InlineData("gru", "--heads", "2", "attention heads")]
    [InlineData("gru", "--ff", "64", "feed-forward part")]
    [InlineData("amn", "--layers", "2", "number of layers")]
    [InlineData("amn", "--dropout", "0.1", "dropout")]
    [InlineData("amn", "--dropout", "0", "dropout")]
    [InlineData("amn", "--ff", "63", "even")]
    [InlineData("lstm", "--d-model", "0", "1 .. 65536")]
    [InlineData("gru", "--layers", "0", "1 .. 1000")]
    [InlineData("mamba", "--epochs", "1", "transformer, lstm, gru, amn")]
    public void A_flag_without_a_use_is_refused(string type, string flag, string value, string message)
    {
        using var folder = new TestFolder();
        TestConsole run = TestConsole.Run(
            "train", "--data", TinyRun.Fixture("parity", "even", "data.npz"), "--output-dir", folder["run"], "--model-type", type, flag, value);
        run.AssertRefused(type == "mamba" ? "mamba" : flag, message);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void An_lstm_of_one_layer_has_no_dropout()
    {
        using var folder = new TestFolder();
        Train(folder["run"], "lstm", "--layers", "1", "--dropout", "0.2").AssertRefused("--dropout 0.2", "--layers 1");
        Assert.Equal(0, Train(folder["run"], "lstm", "--layers", "1", "--max-steps", "1").ExitCode);
        Assert.Contains("\"dropout\": null", File.ReadAllText(Path.Combine(folder["run"], "config.json")));
    }

    [Fact]
    public void The_gradient_check_covers_every_architecture()
    {
        TestConsole check = TestConsole.Run("gradcheck");
        Assert.Equal(0, check.ExitCode);
        foreach (ModelType type in Enum.GetValues<ModelType>())
            Assert.Contains(type == ModelType.Transformer ? "whole model, p6b-v2.1" : $"whole model, {type.Name()}", check.Output);
    }

    private static TestConsole Train(string folder, string type, params string[] more) => TestConsole.Run(
    [
        "train", "--data", TinyRun.Fixture("parity", "even", "data.npz"), "--output-dir", folder, "--model-type", type, "--d-model", "10",
        "--batch-size", "8", "--log-every", "1", .. more,
    ]);
}
