using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Training;

namespace P6bNative.Trainer.Tests.Console;

public sealed class CommandLineTests
{
    [Fact]
    public void No_verb_names_the_verbs() => TestConsole.Run().AssertRefused("train", "predict", "gradcheck");

    [Fact]
    public void An_unknown_verb_is_named() => TestConsole.Run("trian").AssertRefused("'trian'", "train");

    [Fact]
    public void An_unknown_flag_is_named() => TestConsole.Run("train", "--learning-rate", "1").AssertRefused("--learning-rate");

    [Theory]
    [InlineData("--epochs", "many")]
    [InlineData("--lr", "fast")]
    public void A_value_of_the_wrong_type_names_its_flag(string flag, string value) => TestConsole.Run("train", flag, value).AssertRefused(flag);

    [Theory]
    [InlineData("--val", "--mode", "p6")]
    [InlineData("--init", "--no-shuffle")]
    [InlineData("--config")]
    public void A_flag_without_its_value_is_refused(params string[] flags)
    {
        using var folder = new TestFolder();
        TestConsole.Run([.. TinyRun.Arguments(folder["run"]), .. flags]).AssertRefused($"{flags[0]} has no value");
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Theory]
    [InlineData("--epochs", "0")]
    [InlineData("--batch-size", "0")]
    [InlineData("--lr", "0")]
    [InlineData("--lr", "NaN")]
    [InlineData("--weight-decay", "-1")]
    [InlineData("--clip", "0")]
    [InlineData("--clip", "Infinity")]
    [InlineData("--target-offset", "0")]
    [InlineData("--dropout", "1")]
    [InlineData("--last-slot-noise", "1.5")]
    [InlineData("--d-model", "7")]
    [InlineData("--heads", "5")]
    [InlineData("--ff", "0")]
    [InlineData("--layers", "0")]
    [InlineData("--threads", "-1")]
    [InlineData("--max-steps", "0")]
    [InlineData("--log-every", "0")]
    [InlineData("--target-offset", "2")]
    [InlineData("--negative", "ctx5")]
    [InlineData("--mode", "p7")]
    [InlineData("--mode", "p6b-v9")]
    [InlineData("--device", "opencl:99")]
    [InlineData("--device", "quantum")]
    [InlineData("--data", "")]
    [InlineData("--val", "")]
    [InlineData("--init", "")]
    [InlineData("--data", "nowhere.npz")]
    [InlineData("--val", "nowhere.npz")]
    [InlineData("--init", "nowhere.safetensors")]
    [InlineData("--config", "nowhere.json")]
    [InlineData("--resume", "nowhere")]
    public void A_value_out_of_range_is_refused_in_one_line(string flag, string value)
    {
        using var folder = new TestFolder();
        TestConsole run = flag == "--resume" ? TestConsole.Run("train", flag, value) : TinyRun.Train(folder["run"], OtherThan(flag, value));
        run.AssertRefused(value);
        Assert.False(Directory.Exists(folder["run"]));

        static string[] OtherThan(string flag, string value) => [flag, value];
    }

    [Fact]
    public void A_flag_of_another_mode_is_refused()
    {
        using var folder = new TestFolder();
        TinyRun.Train(folder["run"], "--mode", "p6", "--negative", "ctx2").AssertRefused("--negative", "p6");
    }

    [Fact]
    public void Help_lists_verbs_and_flags()
    {
        TestConsole verbs = TestConsole.Run("--help");
        Assert.Equal(0, verbs.ExitCode);
        Assert.Contains("gradcheck", verbs.Output);
        TestConsole flags = TestConsole.Run("train", "--help");
        Assert.Equal(0, flags.ExitCode);
        Assert.Contains("--last-slot-noise", flags.Output);
    }

    [Fact]
    public void An_unwritable_folder_is_named()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["file"], "");
        TinyRun.Train(Path.Combine(folder["file"], "run")).AssertRefused("--output-dir", "file");
    }

    [Fact]
    public void A_config_file_gives_settings_flags_win_and_unknown_keys_are_errors()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["c.json"], """{ "mode": "p6", "lr": 0.001, "max_steps": 2 }""");
        Assert.Equal(0, TinyRun.Train(folder["run"], "--config", folder["c.json"], "--lr", "0.002").ExitCode);
        string config = File.ReadAllText(Path.Combine(folder["run"], "config.json"));
        Assert.Contains("\"mode\": \"p6\"", config);
        Assert.Contains("\"lr\": 0.002", config);

        File.WriteAllText(folder["c.json"], """{ "learning_rate": 0.001 }""");
        TinyRun.Train(folder["other"], "--config", folder["c.json"]).AssertRefused("c.json", "learning_rate");
        File.WriteAllText(folder["c.json"], """{ "lr": """);
        TinyRun.Train(folder["other"], "--config", folder["c.json"]).AssertRefused("c.json");
    }

    [Fact]
    public void Constants_of_a_mode_come_from_the_config_file_and_are_echoed()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder["c.json"], """{ "mode": "p6b-v1", "mode_constants": { "gamma": 16, "lambda_max": 0.5 } }""");
        TestConsole changed = TinyRun.Train(folder["run"], "--config", folder["c.json"], "--max-steps", "2", "--gradient-cap", "0.5");
        Assert.Equal(0, changed.ExitCode);
        Assert.Contains("changed: gamma 16 (table: 8)", changed.Output);
        Assert.Contains("changed: lambda_max 0.5 (table: 0.05)", changed.Output);
        Assert.Contains("gradient cap G 0.5", changed.Output);
        string config = Path.Combine(folder["run"], "config.json");
        Assert.Contains("\"gamma\": 16", File.ReadAllText(config));
        Assert.Contains("\"gradient_cap\": 0.5", File.ReadAllText(config));

        Assert.Contains("gamma 16", TestConsole.Run("train", "--resume", folder["run"], "--max-steps", "3").Output);
        TestConsole.Run("train", "--resume", folder["run"], "--gradient-cap", "0.7").AssertRefused("--gradient-cap", "0.5");
        TinyRun.Train(folder["a"], "--config", config, "--mode", "p6b-v2").AssertRefused("--mode p6b-v2", "p6b-v1");
        File.WriteAllText(folder["c.json"], """{ "mode": "p6b-v1", "mode_constants": { "gama": 16 } }""");
        TinyRun.Train(folder["a"], "--config", folder["c.json"]).AssertRefused("c.json", "gama");
        TinyRun.Train(folder["a"], "--mode", "p6", "--gradient-cap", "1").AssertRefused("--gradient-cap", "p6");
        TinyRun.Train(folder["a"], "--gradient-cap", "0").AssertRefused("--gradient-cap");
    }

    [Fact]
    public void A_config_of_another_mode_gives_way_to_the_flag()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["a"], "--mode", "p6b-v1", "--max-steps", "1").ExitCode);
        Assert.Equal(0, TinyRun.Train(folder["b"], "--config", Path.Combine(folder["a"], "config.json"), "--mode", "p6b-v2.3", "--max-steps", "1").ExitCode);
        Assert.Contains("\"name\": \"p6b-v2.3\"", File.ReadAllText(Path.Combine(folder["b"], "config.json")));
    }

    [Fact]
    public void The_config_of_a_run_repeats_the_run()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["a"], "--max-steps", "3", "--seed", "5").ExitCode);
        TestConsole again = TestConsole.Run("train", "--config", Path.Combine(folder["a"], "config.json"), "--output-dir", folder["b"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(folder["a"], "last.safetensors")), File.ReadAllBytes(Path.Combine(folder["b"], "last.safetensors")));
    }

    [Fact]
    public void Initial_weights_of_other_dimensions_or_not_finite_are_named()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "1").ExitCode);
        string weights = Path.Combine(folder["run"], "last.safetensors");
        TinyRun.Train(folder["a"], "--init", weights, "--ff", "32").AssertRefused("last.safetensors", "linear1");

        byte[] bytes = File.ReadAllBytes(weights);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(folder["nan.safetensors"], bytes);
        TinyRun.Train(folder["a"], "--init", folder["nan.safetensors"]).AssertRefused("nan.safetensors", "NaN");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(200)]
    [InlineData(-1)]
    public void Truncated_weights_are_named(int length)
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "1").ExitCode);
        byte[] bytes = File.ReadAllBytes(Path.Combine(folder["run"], "last.safetensors"));
        File.WriteAllBytes(folder["cut.safetensors"], bytes[..(length < 0 ? bytes.Length - 1 : length)]);
        TinyRun.Train(folder["a"], "--init", folder["cut.safetensors"]).AssertRefused("cut.safetensors");
    }

    [Theory]
    [InlineData("train", "my.npz")]
    [InlineData("train", "--no-shuffle", "false")]
    [InlineData("data", "inspect", "a.npz", "b.npz")]
    [InlineData("devices", "all")]
    public void A_word_that_belongs_to_no_flag_is_refused(params string[] arguments) =>
        TestConsole.Run(arguments).AssertRefused($"'{arguments[^1]}'");

    [Fact]
    public void Weights_of_another_number_of_heads_are_refused()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "1").ExitCode);
        TinyRun.Train(folder["a"], "--init", Path.Combine(folder["run"], "last.safetensors"), "--heads", "4").AssertRefused("--heads 2");
    }

    [Fact]
    public void A_folder_in_use_by_another_process_is_refused()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "1").ExitCode);
        using (new FileStream(Path.Combine(folder["run"], "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
            TestConsole.Run("train", "--resume", folder["run"]).AssertRefused("another process");
        Assert.Equal(0, TestConsole.Run("train", "--resume", folder["run"], "--max-steps", "2").ExitCode);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("83")]
    [InlineData("84")]
    [InlineData("5000")]
    public void Any_batch_size_trains(string batchSize)
    {
        using var folder = new TestFolder();
        TestConsole run = TinyRun.Train(folder["run"], "--batch-size", batchSize, "--epochs", "1", "--max-steps", "85");
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void Bench_step_prints_the_keys_of_the_contract()
    {
        TestConsole run = TestConsole.Run("bench", "step", "--batch-size", "1", "--dim", "8", "--threads", "1", "--json");
        Assert.Equal(0, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(1, json.RootElement.GetProperty("batch").GetInt32());
        Assert.Equal(8, json.RootElement.GetProperty("dim").GetInt32());
        Assert.Equal("host", json.RootElement.GetProperty("device").GetString());
        Assert.Equal(1, json.RootElement.GetProperty("threads").GetInt32());
        Assert.True(json.RootElement.GetProperty("median_ms").GetDouble() >= json.RootElement.GetProperty("min_ms").GetDouble());
        Assert.Equal(0, json.RootElement.GetProperty("managed_bytes_per_step").GetInt64());
    }

    [Fact]
    public void Data_inspect_prints_text_and_json()
    {
        string data = TinyRun.Fixture("parity", "even", "data.npz");
        Assert.Contains("sequence file", TestConsole.Run("data", "inspect", data).Output);
        using JsonDocument json = JsonDocument.Parse(TestConsole.Run("data", "inspect", data, "--json").Output);
        Assert.Equal(48, json.RootElement.GetProperty("dimension").GetInt32());
    }

    [Fact]
    public void Data_without_article_ids_train_with_a_warning_that_validation_is_too_good()
    {
        using var folder = new TestFolder();
        WriteSequences(folder["data.npz"], 40, badRow: -1);
        TestConsole run = TinyRun.Train(folder["run"], "--data", folder["data.npz"], "--max-steps", "1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("WARNING", run.Output);
        Assert.Contains("too good", run.Output);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(0f)]
    public void A_bad_vector_is_named_with_its_row(float value)
    {
        using var folder = new TestFolder();
        WriteSequences(folder["data.npz"], 40, badRow: 17, value);
        TinyRun.Train(folder["run"], "--data", folder["data.npz"]).AssertRefused("data.npz", "target_vectors", "17");
    }

    [Fact]
    public void Truncated_data_are_named()
    {
        using var folder = new TestFolder();
        byte[] whole = File.ReadAllBytes(TinyRun.Fixture("parity", "even", "data.npz"));
        foreach (int length in (int[])[0, 10, 1000, whole.Length / 2, whole.Length - 1])
        {
            File.WriteAllBytes(folder["cut.npz"], whole[..length]);
            TinyRun.Train(folder["run"], "--data", folder["cut.npz"]).AssertRefused("cut.npz");
        }
    }

    /// <summary>A sequence file without article ids; every component of one target may be set to a bad value.</summary>
    private static void WriteSequences(string path, int count, int badRow, float value = 0)
    {
        const int dimension = 8;
        var random = new Random(1);
        using var file = new NpzWriter(path);
        using (NpyRowWriter contexts = file.Add("context_sequences", count, 5, dimension))
            contexts.Write([.. Enumerable.Range(0, count * 5 * dimension).Select(_ => random.NextSingle() + 0.1f)]);
        using (NpyRowWriter targets = file.Add("target_vectors", count, dimension))
        {
            for (int row = 0; row < count; row++)
                targets.Write([.. Enumerable.Range(0, dimension).Select(_ => row == badRow ? value : random.NextSingle() + 0.1f)]);
        }

        file.Complete();
    }

    [Fact]
    public void Devices_lists_all_and_why_one_is_not_used()
    {
        TestConsole run = TestConsole.Run("devices");
        Assert.Equal(0, run.ExitCode);
        Assert.All(["host", "reference", "opencl", "cuda", "GiB"], word => Assert.Contains(word, run.Output));
        if (DeviceCatalog.List().Any(entry => !entry.IsAvailable))
            Assert.Contains("not available", run.Output);
    }

    [Fact]
    public void Gradcheck_passes_and_prints_each_operation()
    {
        TestConsole run = TestConsole.Run("gradcheck");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Attention", run.Output);
        Assert.Contains("whole model, p6b-v2.1", run.Output);
        Assert.DoesNotContain("FAILED", run.Output);
    }
}
