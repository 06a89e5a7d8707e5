using System.Text.Json;
using System.Text.Json.Serialization;
using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

/// <summary>Whole losses and their gradients against PyTorch's autograd in double precision (Fixtures/loss_cases.json).</summary>
public class LossCasesTests
{
    private static readonly Case[] Cases = Load();

    public static TheoryData<string> Names => [.. Cases.Where(c => LossModes.All.Any(mode => mode.Name == c.Mode)).Select(c => c.Name)];

    [Fact]
    public void Every_mode_has_cases() => Assert.All(LossModes.All, mode => Assert.Contains(Cases, c => c.Mode == mode.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void Matches_PyTorch(string name)
    {
        Case expected = Cases.Single(c => c.Name == name);
        VectorBatch batch = expected.ToBatch();
        var loss = new StepLoss(LossModes.Find(expected.Mode), expected.Dim, 1, 0, expected.Batch);
        if (expected.Dual is [double cosine, double gap, double pressure]) loss.Dual = new DualState(1, cosine, gap, pressure, 0);
        loss.Contrast?.Evaluate([.. expected.Raw.Select(x => (double)x)], expected.Target, expected.Candidates, expected.Counts);
        StepReport report = loss.Evaluate(batch.Statistics(), expected.Batch, expected.Epoch);
        var coefficients = new double[expected.Batch * LossCoefficients.Columns];
        loss.WriteCoefficients(coefficients);

        var actual = new Dictionary<string, double>
        {
            ["loss"] = report.Loss,
            ["mse"] = report.Mse,
            ["dir"] = report.Dir,
            ["pos"] = report.Pos,
            ["neg"] = report.Neg,
            ["gap"] = report.Gap,
            ["ratio"] = report.Ratio,
            ["raw_norm"] = report.RawNorm,
            ["floor"] = report.Floor,
            ["norm_penalty"] = report.NormPenalty,
            ["lambda_eff"] = report.LambdaEff,
            ["rho"] = report.Rho,
            ["rho_capped"] = report.Rescaled ? 1 : 0,
            ["skip"] = report.Skip ? 1 : 0,
            ["margin_gap"] = report.MarginGap,
            ["frac"] = report.Fraction,
            ["orthogonality"] = report.Orthogonality,
            ["confidence"] = report.Confidence,
            ["gradient_ratio"] = report.GradientRatio,
        };
        foreach ((string key, double value) in expected.Expected)
        {
            // The parts of L_dir are not reported; their sum is.
            if (key is not ("gap_loss" or "ratio_loss") && !expected.Undecided.Contains(key))
                Assert.Equal(value, actual[key], 1e-11 * Math.Max(Math.Abs(value), 1e-2));
        }

        double[] gradient = [.. batch.Gradient(coefficients, slot: 0).SelectMany(row => row)];
        if (loss.Contrast is not null)
        {
            var ofContrast = new double[gradient.Length];
            loss.WriteRawGradient(ofContrast);
            for (int i = 0; i < gradient.Length; i++) gradient[i] += ofContrast[i];
        }

        double largest = expected.Gradient.Max(Math.Abs);
        for (int i = 0; i < gradient.Length; i++)
            Assert.Equal(expected.Gradient[i], gradient[i], 1e-10 * largest);
    }

    private static Case[] Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Fixtures", "loss_cases.json"));
        return JsonSerializer.Deserialize<Case[]>(file)!;
    }

    private sealed record Case
    {
        [JsonPropertyName("name")]
        public required string Name { get; init; }

        [JsonPropertyName("mode")]
        public required string Mode { get; init; }

        [JsonPropertyName("epoch")]
        public required int Epoch { get; init; }

        [JsonPropertyName("batch")]
        public required int Batch { get; init; }

        [JsonPropertyName("dim")]
        public required int Dim { get; init; }

        [JsonPropertyName("undecided")]
        public required string[] Undecided { get; init; }

        /// <summary>Running cosine, running gap and pressure of the dual controller before the step.</summary>
        [JsonPropertyName("dual")]
        public double[]? Dual { get; init; }

        /// <summary>[batch, K, dim] in-article negatives, of which a sample has its first <see cref="Counts"/>.</summary>
        [JsonPropertyName("candidates")]
        public float[] Candidates { get; init; } = [];

        [JsonPropertyName("counts")]
        public int[] Counts { get; init; } = [];

        [JsonPropertyName("raw")]
        public required float[] Raw { get; init; }

        [JsonPropertyName("target")]
        public required float[] Target { get; init; }

        [JsonPropertyName("negative")]
        public required float[] Negative { get; init; }

        [JsonPropertyName("expected")]
        public required Dictionary<string, double> Expected { get; init; }

        [JsonPropertyName("gradient")]
        public required double[] Gradient { get; init; }

        public VectorBatch ToBatch() => new(Rows(Raw), Rows(Target), [.. Rows(Negative).Select(row => new[] { row })]);

        private double[][] Rows(float[] values) => [.. values.Chunk(Dim).Select(row => row.Select(x => (double)x).ToArray())];
    }
}
