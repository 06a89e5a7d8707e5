using System.Globalization;
using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using P6bNative.Model;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Tests.Training;

/// <summary>
/// Training from the same weights and batches as PyTorch (tests/Fixtures/README.md), dropout 0: every step's numbers within 1e-5 for
/// 5 steps and within 1e-3 for 20.
/// </summary>
public sealed class ParityTests
{
    private const int StrictSteps = 5, Steps = 20;
    private const double StrictBar = 1e-5, Bar = 1e-3;

    [Theory]
    [InlineData("even", "p6")]
    [InlineData("even", "p6b-v2.1")]
    [InlineData("odd", "p6")]
    [InlineData("odd", "p6b-v2.1")]
    [InlineData("square", "p6")]
    [InlineData("square", "p6b-v2.1")]
    [InlineData("skip", "p6b-v2.1")]
    [InlineData("clamp", "p6b-v2.1")]
    [InlineData("lstm", "p6b-v2.1")]
    [InlineData("gru", "p6b-v2.1")]
    [InlineData("amn", "p6b-v2.1")]
    public void A_run_of_the_console_follows_PyTorch(string fixture, string mode)
    {
        using JsonDocument expected = Read(fixture, mode);
        JsonElement settings = expected.RootElement.GetProperty("settings");
        using var folder = new TestFolder();
        string data = settings.TryGetProperty("data", out JsonElement other) ? other.GetString()! : fixture;
        string[] sizes = [.. SizeFlags(settings)];
        TestConsole run = TestConsole.Run(
        [
            "train", "--data", TinyRun.Fixture("parity", data, "data.npz"), "--init", TinyRun.Fixture("parity", fixture, "init.safetensors"),
            "--mode", mode, "--last-slot-noise", "0", "--no-shuffle", "--log-every", "1", "--output-dir", folder["run"], .. sizes,
        ]);
        Assert.True(run.ExitCode == 0, run.Error);

        string[] lines = File.ReadAllLines(Path.Combine(folder["run"], "metrics.jsonl"));
        JsonElement[] steps = [.. expected.RootElement.GetProperty("float64").GetProperty("steps").EnumerateArray()];
        Assert.Equal(steps.Length, lines.Length);
        for (int i = 0; i < Math.Min(Steps, steps.Length); i++)
        {
            using JsonDocument actual = JsonDocument.Parse(lines[i]);
            AssertStep(steps[i], name => actual.RootElement.GetProperty(name), i < StrictSteps ? StrictBar : Bar);
        }

        using JsonDocument history = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder["run"], "history.json")));
        JsonElement[] epochs = [.. history.RootElement.GetProperty("history").EnumerateArray()];
        JsonElement[] expectedEpochs = [.. expected.RootElement.GetProperty("float64").GetProperty("epochs").EnumerateArray()];
        Assert.Equal(expectedEpochs.Length, epochs.Length);
        for (int e = 0; e < epochs.Length; e++)
        {
            foreach (string name in (string[])["train_loss", "train_cosine", "train_loss_mse", "val_loss", "val_cosine", "lr"])
                AssertClose(name, expectedEpochs[e].GetProperty(name).GetDouble(), epochs[e].GetProperty(name).GetDouble(), Bar);
        }
    }

    [Theory]
    [InlineData(ModelType.Transformer, "full")]
    [InlineData(ModelType.Lstm, "full-lstm")]
    [InlineData(ModelType.Gru, "full-gru")]
    [InlineData(ModelType.Amn, "full-amn")]
    public void Five_steps_of_the_full_size_model_follow_PyTorch(ModelType type, string fixture)
    {
        const int batch = 32;
        using JsonDocument expected = Read(fixture, "p6b-v2.1");
        JsonElement generator = expected.RootElement.GetProperty("generator");
        VectorPredictorConfig config = VectorPredictorConfig.Original(type, 768) with { Dropout = 0 };
        using var device = new HostDevice();
        IVectorPredictor model = VectorPredictors.Create(config);
        using var parameters = new ParameterSet(device, model.Layout);
        ulong seed = generator.GetProperty("seed").GetUInt64();
        uint number = 0;
        foreach (JsonElement parameter in generator.GetProperty("parameters").EnumerateArray())
        {
            ParameterEntry entry = model.Layout[parameter.GetProperty("name").GetString()!];
            float[] values = Parameter(entry, model.Layout, seed, number++);
            Assert.Equal(parameter.GetProperty("first").GetSingle(), values[0]);
            Assert.Equal(parameter.GetProperty("last").GetSingle(), values[^1]);
            device.Upload(values, parameters.Value(entry.Name));
        }

        Assert.Equal(model.Layout.Entries.Count, (int)number);
        float[] sequences = Sequences(seed, generator.GetProperty("rows").GetInt32());
        LossMode mode = LossModes.Find("p6b-v2.1");
        using var step = new TrainingStep(device, model, parameters, mode, new TrainingSettings { BatchSize = batch }, windows: batch);
        int i = 0;
        foreach (JsonElement expectedStep in expected.RootElement.GetProperty("float64").GetProperty("steps").EnumerateArray())
        {
            (float[] contexts, float[] targets) = Batch(sequences, i * batch, batch);
            StepResult result = step.Run(contexts, targets, batch, ++i, epoch: 1, learningRate: 5e-4);
            Assert.Null(result.Failure);
            Assert.Null(step.Complete());
            StepReport r = result.Loss;
            var actual = new Dictionary<string, object>
            {
                ["loss"] = r.Loss,
                ["mse"] = r.Mse,
                ["dir"] = r.Dir,
                ["lambda_eff"] = r.LambdaEff,
                ["rho"] = r.Rho,
                ["pos"] = r.Pos,
                ["neg"] = r.Neg,
                ["gap"] = r.Gap,
                ["ratio"] = r.Ratio,
                ["floor"] = r.Floor,
                ["skip"] = r.Skip,
                ["grad_norm"] = step.GradientNorm,
                ["raw_norm"] = r.RawNorm,
                ["margin_gap"] = r.MarginGap,
            };
            using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(actual));
            AssertStep(expectedStep, name => json.RootElement.GetProperty(name), StrictBar);
        }

        Assert.Equal(StrictSteps, i);
    }

    private static void AssertStep(JsonElement expected, Func<string, JsonElement> actual, double bar)
    {
        foreach (string name in (string[])["loss", "mse", "dir", "lambda_eff", "rho", "pos", "neg", "gap", "ratio", "floor", "grad_norm", "raw_norm", "margin_gap"])
        {
            if (!expected.TryGetProperty(name, out JsonElement value)) continue;
            AssertClose($"step {expected.GetProperty("step")} {name}", value.GetDouble(), actual(name).GetDouble(), bar);
        }

        if (expected.TryGetProperty("skip", out JsonElement skip)) Assert.Equal(skip.GetInt32() == 1, actual("skip").GetBoolean());
    }

    /// <summary>
    /// Relative for what is of its own size; cosines and their differences against 1, the size of a cosine, and so the floor, a squared
    /// difference of cosines: near 0 PyTorch's own float32 is 4e-4 of it away from double.
    /// </summary>
    private static void AssertClose(string name, double expected, double actual, double bar)
    {
        bool isCosine = name.EndsWith("pos", StringComparison.Ordinal) || name.EndsWith("neg", StringComparison.Ordinal)
            || name.EndsWith("gap", StringComparison.Ordinal) || name.EndsWith("ratio", StringComparison.Ordinal)
            || name.EndsWith("floor", StringComparison.Ordinal)
            || name.EndsWith("cosine", StringComparison.Ordinal);
        double error = Math.Abs(actual - expected) / (isCosine ? 1 : Math.Max(Math.Abs(expected), 1e-12));
        Assert.True(error <= bar, string.Create(CultureInfo.InvariantCulture, $"{name}: expected {expected:R}, actual {actual:R}, error {error:E2} > {bar:E0}"));
    }

    /// <summary>The flags of the sizes that a fixture names; an amn has no dropout to switch off.</summary>
    private static IEnumerable<string> SizeFlags(JsonElement settings)
    {
        foreach (string name in (string[])["model_type", "d_model", "layers", "heads", "ff", "epochs", "batch_size", "dropout"])
        {
            if (!settings.TryGetProperty(name, out JsonElement value)) continue;
            if (name == "dropout" && settings.TryGetProperty("model_type", out JsonElement type) && type.GetString() == "amn") continue;
            yield return $"--{name.Replace('_', '-')}";
            yield return value.ToString();
        }
    }

    private static JsonDocument Read(string fixture, string mode) =>
        JsonDocument.Parse(File.ReadAllText(TinyRun.Fixture("parity", fixture, mode + ".json")));

    private static double Uniform(uint index, ulong key) =>
        CounterRandom.Bits(index, (uint)key, (uint)(key >> 32)) / 2147483648.0 - 1;

    private static float[] Parameter(ParameterEntry entry, ParameterLayout layout, ulong seed, uint number)
    {
        var values = new float[entry.Length];
        bool isWeight = entry.Name.EndsWith("weight", StringComparison.Ordinal);
        string module = entry.Name[..entry.Name.LastIndexOf('.')];
        if (module.Contains("norm") || module is "head.2" or "residual_net.2" or "residual_net.5")
        {
            Array.Fill(values, isWeight ? 1 : 0);
            return values;
        }

        if (entry.Name.EndsWith("in_proj_bias", StringComparison.Ordinal) || entry.Name.EndsWith("out_proj.bias", StringComparison.Ordinal)) return values;
        bool isRecurrent = module is "lstm" || module.EndsWith(".gru", StringComparison.Ordinal);
        double bound = entry.Name.EndsWith("in_proj_weight", StringComparison.Ordinal) ? Math.Sqrt(6.0 / (4 * 512))
            : 1 / Math.Sqrt(isRecurrent ? 512 : layout[$"{module}.weight"].Columns);
        if (module is "head.3" or "output_proj" or "residual_net.6") bound /= 16;
        ulong key = CounterRandom.Mix(seed, number);
        for (int i = 0; i < values.Length; i++) values[i] = (float)(Uniform((uint)i, key) * bound);
        return values;
    }

    private static float[] Sequences(ulong seed, int rows)
    {
        ulong own = CounterRandom.Mix(seed, 1_000_000), shared = CounterRandom.Mix(seed, 1_000_001);
        var values = new float[rows * 6 * 768];
        for (int i = 0; i < values.Length; i++) values[i] = (float)((Uniform((uint)i, own) + Uniform((uint)(i % 768), shared)) * (0.6875 / 16));
        return values;
    }

    private static (float[] Contexts, float[] Targets) Batch(float[] sequences, int first, int rows)
    {
        const int dimension = 768;
        var contexts = new float[rows * 5 * dimension];
        var targets = new float[rows * dimension];
        for (int r = 0; r < rows; r++)
        {
            ReadOnlySpan<float> sequence = sequences.AsSpan((first + r) * 6 * dimension, 6 * dimension);
            sequence[..(5 * dimension)].CopyTo(contexts.AsSpan(r * 5 * dimension));
            sequence[(5 * dimension)..].CopyTo(targets.AsSpan(r * dimension));
        }

        return (contexts, targets);
    }
}
