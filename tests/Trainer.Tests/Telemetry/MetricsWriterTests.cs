using System.Text.Json;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Tests.Telemetry;

public class MetricsWriterTests
{
    private static readonly string[] Keys =
    [
        "step", "epoch", "loss", "mse", "dir", "lambda_eff", "rho", "rho_capped", "pos", "neg", "gap", "ratio", "floor", "norm_penalty", "frac",
        "margin_gap", "skip", "gradient_ratio", "pressure", "pressure_limit", "grad_norm", "raw_norm", "lr", "ms",
    ];

    [Fact]
    public void Keys_and_their_order()
    {
        using var folder = new TemporaryFolder();
        Write(folder["m"], Record(7, seed: 1));
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(folder["m"]));
        Assert.Equal(Keys, record.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Numbers_come_back_bit_for_bit()
    {
        using var folder = new TemporaryFolder();
        StepRecord[] records = [.. Enumerable.Range(1, 50).Select(step => Record(step, step))];
        Write(folder["m"], records);
        string[] lines = File.ReadAllLines(folder["m"]);
        Assert.Equal(50, lines.Length);
        for (int i = 0; i < 50; i++)
        {
            using JsonDocument line = JsonDocument.Parse(lines[i]);
            StepReport r = records[i].Report;
            double[] expected =
            [
                r.Loss, r.Mse, r.Dir, r.LambdaEff, r.Rho, r.RhoCapped, r.Pos, r.Neg, r.Gap, r.Ratio, r.Floor, r.NormPenalty, r.Fraction, r.MarginGap,
                r.GradientRatio, r.Pressure, r.PressureLimit, records[i].GradientNorm, r.RawNorm, records[i].LearningRate, records[i].Milliseconds,
            ];
            string[] numbers = [.. Keys.Except(["step", "epoch", "skip"])];
            Assert.Equal(expected, numbers.Select(key => line.RootElement.GetProperty(key).GetDouble()));
            Assert.Equal(records[i].Step, line.RootElement.GetProperty("step").GetInt64());
            Assert.Equal(records[i].Epoch, line.RootElement.GetProperty("epoch").GetInt32());
            Assert.Equal(r.Skip, line.RootElement.GetProperty("skip").GetBoolean());
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void What_json_cannot_hold_is_null(double value)
    {
        using var folder = new TemporaryFolder();
        Write(folder["m"], Record(1, 1) with { GradientNorm = value });
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(folder["m"]));
        Assert.Equal(JsonValueKind.Null, record.RootElement.GetProperty("grad_norm").ValueKind);
    }

    [Fact]
    public void Create_replaces_an_older_file()
    {
        using var folder = new TemporaryFolder();
        Write(folder["m"], Record(1, 1), Record(2, 2));
        Write(folder["m"], Record(3, 3));
        Assert.Single(File.ReadAllLines(folder["m"]));
    }

    [Fact]
    public void A_resumed_file_is_that_of_the_unbroken_run()
    {
        using var folder = new TemporaryFolder();
        StepRecord[] records = [.. Enumerable.Range(1, 20).Select(step => Record(step, step))];
        Write(folder["whole"], records);
        Write(folder["resumed"], records[..14]);
        using (MetricsWriter writer = MetricsWriter.Resume(folder["resumed"], 10))
        {
            foreach (StepRecord record in records[10..])
                writer.Write(record);
        }

        Assert.Equal(File.ReadAllBytes(folder["whole"]), File.ReadAllBytes(folder["resumed"]));
    }

    [Theory]
    [InlineData("{\"step\":3,\"epo")]
    [InlineData("{\"step\":3}")]
    [InlineData("{\"step\":\n")]
    [InlineData("{\"step\":\"3\"}\n")]
    [InlineData("[]\n")]
    [InlineData("\n")]
    public void A_torn_last_record_is_cut_off(string torn)
    {
        using var folder = new TemporaryFolder();
        Write(folder["m"], Record(1, 1), Record(2, 2));
        byte[] intact = File.ReadAllBytes(folder["m"]);
        File.AppendAllText(folder["m"], torn);
        MetricsWriter.Resume(folder["m"], 5).Dispose();
        Assert.Equal(intact, File.ReadAllBytes(folder["m"]));
    }

    [Fact]
    public void Resuming_without_a_file_starts_one()
    {
        using var folder = new TemporaryFolder();
        using (MetricsWriter writer = MetricsWriter.Resume(folder["m"], 5))
            writer.Write(Record(6, 6));
        Assert.Single(File.ReadAllLines(folder["m"]));
    }

    [Fact]
    public void A_record_is_on_disk_before_the_writer_is_closed()
    {
        using var folder = new TemporaryFolder();
        using MetricsWriter writer = MetricsWriter.Create(folder["m"]);
        writer.Write(Record(1, 1));
        using var reader = new StreamReader(new FileStream(folder["m"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Assert.EndsWith("}\n", reader.ReadToEnd());
    }

    [Fact]
    public void A_folder_that_is_missing_is_an_input_error()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder["missing"], "metrics.jsonl");
        Assert.Contains(path, Assert.Throws<InputException>(() => MetricsWriter.Create(path)).Message);
    }

    private static void Write(string path, params StepRecord[] records)
    {
        using MetricsWriter writer = MetricsWriter.Create(path);
        foreach (StepRecord record in records)
            writer.Write(record);
    }

    private static StepRecord Record(long step, int seed)
    {
        var random = new Random(seed);
        double Next() => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 4));
        var report = new StepReport
        {
            Loss = Next(),
            Mse = Next(),
            Dir = Next(),
            LambdaEff = Next(),
            Rho = Next(),
            RhoCapped = Next(),
            Pos = Next(),
            Neg = Next(),
            Gap = Next(),
            Ratio = Next(),
            Floor = Next(),
            NormPenalty = Next(),
            Fraction = Next(),
            MarginGap = Next(),
            SkipReason = seed % 3 == 0 ? "mean pos < 0" : null,
            GradientRatio = Next(),
            Pressure = Next(),
            PressureLimit = Next(),
            RawNorm = Next(),
        };
        return new StepRecord(step, 1 + seed / 10, report, Next(), Next(), Next());
    }
}
