using System.Text.Json;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Building;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Diagnosis;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Diagnosis;

public sealed class ArrowOfTimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_gaussian_stream_has_none()
    {
        // Gaussian streams are the same in both directions.
        new SyntheticStream(120, 25, 24, [.457, .387, .366, .353, .342], Seed: 4).Write(_folder["a.npz"]);
        ArrowScore score = Assert.Single(Diagnose(_folder["a.npz"]).Arrow);
        Assert.Equal((12 * 19, 12), (score.All.Windows, score.All.Articles));
        Assert.Equal((12 * 13, 12), (score.Interior.Windows, score.Interior.Articles));
        Assert.InRange(0, score.All.Interval.Low, score.All.Interval.High);
        Assert.True(score.All.Forward > 0.3);
    }

    [Fact]
    public void A_stream_whose_past_makes_its_future_has_one_and_its_mirror_image_the_opposite()
    {
        WriteEchoes("ahead.npz", mirrored: false);
        WriteEchoes("back.npz", mirrored: true);
        ArrowMeans ahead = Assert.Single(Diagnose(_folder["ahead.npz"]).Arrow).All;
        ArrowMeans back = Assert.Single(Diagnose(_folder["back.npz"]).Arrow).All;
        Assert.InRange(ahead.Forward, 0.87, 0.90);
        Assert.InRange(ahead.Backward, 0.42, 0.46);
        Assert.InRange(ahead.Interval.Low, 0.41, ahead.Difference);
        Assert.Equal(ahead.Forward, back.Backward, 1e-5);
        Assert.Equal(ahead.Backward, back.Forward, 1e-5);
    }

    [Fact]
    public void Fitted_on_one_file_scored_on_others()
    {
        new SyntheticStream(20, 12, 6, [.4, .3], Seed: 1).Write(_folder["train.npz"]);
        new SyntheticStream(7, 12, 6, [.4, .3], Seed: 2).Write(_folder["val.npz"]);
        new SyntheticStream(5, 9, 6, [.4, .3], Seed: 3).Write(_folder["ood.npz"]);
        TestConsole run = TestConsole.Run("data", "inspect", _folder["val.npz"], "--train", _folder["train.npz"], "--ood", _folder["ood.npz"],
            "--device", "host", "--threads", "1", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        JsonElement arrow = json.RootElement.GetProperty("arrow_of_time");
        Assert.Equal(20 * 6, arrow.GetProperty("fitted_windows").GetInt32());
        Assert.Equal([7 * 6, 5 * 3], arrow.GetProperty("held_out").EnumerateArray().Select(file => file.GetProperty("all_windows").GetProperty("windows").GetInt32()));
        // Articles of 9 rows have three windows, each at an end: no interior, so nothing is known of it.
        JsonElement interior = arrow.GetProperty("held_out")[1].GetProperty("interior_windows");
        Assert.Equal(JsonValueKind.Null, interior.GetProperty("forward_cosine").ValueKind);
        Assert.Equal(JsonValueKind.Null, interior.GetProperty("interval_low").ValueKind);
        Assert.Equal(["val", "ood"], json.RootElement.GetProperty("parity").EnumerateArray().Select(parity => parity.GetProperty("role").GetString()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Both_directions_see_the_same_windows_in_mirror_image(int offset)
    {
        new SyntheticStream(3, 9, 4, [.4], Seed: 1).Write(_folder["a.npz"]);
        using ArticleStore store = ArticleStore.Open(_folder["a.npz"], offset);
        int[] sequences = [0, 2, store.Count - 1];
        float[] forward = Fill(store, sequences, backward: false), backward = Fill(store, sequences, backward: true);
        for (int i = 0; i < sequences.Length; i++)
        {
            for (int slot = 0; slot < 6; slot++)
            {
                int place = slot == 5 ? 5 + offset : slot;
                Assert.Equal(Row(store, store.WindowRowOf(sequences[i], place)), forward[((i * 6 + slot) * 4)..((i * 6 + slot + 1) * 4)]);
                Assert.Equal(Row(store, store.WindowRowOf(sequences[i], 5 + offset - place)), backward[((i * 6 + slot) * 4)..((i * 6 + slot + 1) * 4)]);
            }
        }
    }

    [Fact]
    public void What_cannot_be_tested_is_said_in_a_line()
    {
        new SyntheticStream(1, 12, 6, [.4], Seed: 1).Write(_folder["one.npz"]);
        Assert.Contains("--train FILE", Assert.Single(Diagnose(_folder["one.npz"]).Unanswered), StringComparison.Ordinal);
        TestConsole run = TestConsole.Run("data", "inspect", Fixture.Of("made_p6_all.npz"));
        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.Output.Split('\n'), line => line.StartsWith("not told     arrow of time", StringComparison.Ordinal));
    }

    private static DataDiagnosis Diagnose(string path) =>
        DataDiagnosis.Of(new DiagnosisRequest(path, null, null, null, null, Arrow: true, Seed: 1, Threads: 1), () => DeviceCatalog.Open("host", 1));

    // Row t: random signs a(t) at half height, and beside them the full echo of a(t-2). Forward, the echo is known: cosine 1/sqrt(1.25) = .894;
    // backward, the signs are: .5/sqrt(1.25) = .447.
    private void WriteEchoes(string name, bool mirrored)
    {
        const int Articles = 60, Rows = 30, Signs = 4;
        var random = new Random(5);
        var vectors = new float[Articles * Rows * 2 * Signs];
        for (int article = 0; article < Articles; article++)
        {
            float[] signs = [.. Enumerable.Range(0, (Rows + 2) * Signs).Select(_ => random.Next(2) == 0 ? 1f : -1f)];
            for (int row = 0; row < Rows; row++)
            {
                Span<float> vector = vectors.AsSpan((article * Rows + (mirrored ? Rows - 1 - row : row)) * 2 * Signs);
                for (int i = 0; i < Signs; i++)
                    (vector[i], vector[Signs + i]) = (signs[(row + 2) * Signs + i] / 2, signs[row * Signs + i]);
            }
        }
        new NpzBuilder().Floats("vectors", vectors, Articles * Rows, 2 * Signs)
            .Integers("article_indices", [.. Enumerable.Range(0, Articles * Rows).Select(row => (long)row / Rows)]).Write(_folder[name]);
    }

    private static float[] Fill(ArticleStore store, int[] sequences, bool backward)
    {
        var rows = new ArrowRows(store, sequences, backward);
        var inputs = new float[rows.Count * rows.InputWidth];
        var outputs = new float[rows.Count * rows.OutputWidth];
        rows.Fill(0, rows.Count, inputs, outputs);
        return [.. Enumerable.Range(0, rows.Count).SelectMany(i => (float[])[.. inputs.AsSpan(i * 20, 20), .. outputs.AsSpan(i * 4, 4)])];
    }

    private static float[] Row(ArticleStore store, int row)
    {
        var vector = new float[store.Dimension];
        store.CopyRow(row, vector);
        return vector;
    }
}
