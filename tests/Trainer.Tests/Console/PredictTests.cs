using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Training;

namespace P6bNative.Trainer.Tests.Console;

public sealed class PredictTests
{
    [Fact]
    public void Predictions_are_in_file_order_normalised_and_independent_of_the_batch()
    {
        using var folder = new TestFolder();
        string data = TinyRun.Fixture("parity", "even", "data.npz");
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "3").ExitCode);
        string weights = Path.Combine(folder["run"], "last.safetensors");
        Assert.Equal(0, Predict(weights, data, folder["a.npz"], "256").ExitCode);
        Assert.Equal(0, Predict(weights, data, folder["b.npz"], "7").ExitCode);

        (float[] raw, float[] cos) = Read(folder["a.npz"]);
        (float[] rawInSevens, float[] cosInSevens) = Read(folder["b.npz"]);
        Assert.Equal(raw, rawInSevens);
        Assert.Equal(cos, cosInSevens);
        const int dimension = 48;
        for (int row = 0; row < raw.Length / dimension; row++)
        {
            ReadOnlySpan<float> r = raw.AsSpan(row * dimension, dimension), c = cos.AsSpan(row * dimension, dimension);
            double norm = Math.Sqrt(r.ToArray().Sum(v => (double)v * v));
            for (int i = 0; i < dimension; i++) Assert.Equal(r[i] / norm, c[i], 1e-6);
        }
    }

    [Fact]
    public void A_model_with_slot_skips_is_recognised_and_starts_only_a_run_that_has_them()
    {
        using var folder = new TestFolder();
        string data = TinyRun.Fixture("parity", "even", "data.npz");
        Assert.Equal(0, TinyRun.Train(folder["plain"], "--max-steps", "1").ExitCode);
        string plain = Path.Combine(folder["plain"], "last.safetensors");
        Assert.Equal(0, TinyRun.Train(folder["skips"], "--max-steps", "3", "--init", plain, "--slot-skips", TinyRun.Switch).ExitCode);
        string skips = Path.Combine(folder["skips"], "last.safetensors");
        Assert.Equal(0, Predict(skips, data, folder["a.npz"], "256").ExitCode);
        TinyRun.Train(folder["other"], "--init", skips).AssertRefused("--init", "--slot-skips");
    }

    [Fact]
    public void Data_of_another_dimension_is_refused()
    {
        using var folder = new TestFolder();
        Assert.Equal(0, TinyRun.Train(folder["run"], "--max-steps", "1").ExitCode);
        Predict(Path.Combine(folder["run"], "last.safetensors"), TinyRun.Fixture("parity", "odd", "data.npz"), folder["o.npz"], "8")
            .AssertRefused("data.npz", "37", "48");
        Assert.False(File.Exists(folder["o.npz"]));
    }

    private static TestConsole Predict(string weights, string data, string output, string batch) =>
        TestConsole.Run("predict", "--model", weights, "--data", data, "--out", output, "--batch-size", batch);

    private static (float[] Raw, float[] Cos) Read(string path)
    {
        using NpzArchive archive = NpzArchive.Open(path);
        return (archive.Get("raw").ReadSingles(), archive.Get("cos").ReadSingles());
    }
}
