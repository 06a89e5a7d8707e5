using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Loss;

public class GuardPressureTests
{
    /// <summary>The table of S that goes with the original's runs, at a cosine of .5 and without the orthogonality term.</summary>
    [Theory]
    [InlineData("p6b-v1", 1, 0.60)]
    [InlineData("p6b-v2.1", 1, 0.30)]
    [InlineData("p6b-v2.1", 12, 0.75)]
    public void Limit_at_a_cosine_of_one_half(string mode, int epoch, double expected)
    {
        LossMode m = LossModes.Find(mode);
        Assert.Equal(expected, GuardPressure.Limit(m, m.StageFor(epoch), 0.5, 0.5, 768), 1e-12);
    }

    [Fact]
    public void Orthogonality_adds_its_own_pull()
    {
        LossMode v22 = LossModes.P6bV22;
        // 4 · .15 · (1 − .25)/1 + 768 · 5e-4 · .4/.5
        Assert.Equal(0.45 + 0.3072, GuardPressure.Limit(v22, v22.StageFor(1), 0.5, 0.4, 768), 1e-12);
    }

    [Fact]
    public void Pressure_of_an_auto_scaled_gap_term_tends_to_its_limit()
    {
        // Far beyond the margin σ → L_dir·γ, so s = λ·σ·D/(2c) with λ = mse·frac/L_dir and mse = (1 − c²)/D is S.
        const double c = 0.6, gamma = 8, gap = 3, marginGap = 0.02, fraction = 0.1;
        const int dimension = 512;
        double z = gamma * (marginGap - gap);
        double directional = Softplus.Value(z) / gamma;
        double lambda = (1 - c * c) / dimension * fraction / directional;
        var stage = new Stage(1, marginGap, fraction, double.PositiveInfinity);
        double limit = GuardPressure.Limit(LossModes.P6bV1, stage, c, 0, dimension);
        Assert.Equal(limit, GuardPressure.OnGap(lambda, Softplus.Derivative(z), c, dimension), 1e-9);
    }

    [Fact]
    public void A_cosine_around_zero_does_not_divide()
    {
        LossMode v1 = LossModes.P6bV1;
        Assert.Equal(GuardPressure.Limit(v1, v1.StageFor(1), 0.05, 0.5, 512), GuardPressure.Limit(v1, v1.StageFor(1), -0.3, 0.5, 512));
        Assert.Equal(1e-3 * 512 / 0.1, GuardPressure.OnGap(1e-3, 1, 0, 512), 1e-12);
    }

    [Fact]
    public void A_mode_without_directional_term_has_none()
    {
        VectorBatch batch = VectorBatch.Random(1, 3, 8, 5);
        StepReport report = new StepLoss(LossModes.P6, 8, 5, 3, 3).Evaluate(batch.Statistics(), 3, 1);
        Assert.Equal((0, 0, 0), (report.GradientRatio, report.Pressure, report.PressureLimit));
    }

    [Fact]
    public void The_pull_of_the_gap_term_is_the_mean_slope()
    {
        VectorBatch batch = VectorBatch.Random(2, 4, 8, 5);
        LossMode mode = LossModes.P6bV1;
        StepReport report = new StepLoss(mode, 8, 5, 3, 4).Evaluate(batch.Statistics(), 4, 1);
        var statistics = new BatchStatistics(8, 5, 3, 4);
        statistics.Read(batch.Statistics(), 4);
        double slope = 0;
        for (int b = 0; b < 4; b++) slope += Softplus.Derivative(8 * (0.02 - (statistics.Pos[b] - statistics.Neg[b]))) / 4;
        Assert.Equal(report.LambdaEff * slope * 8 / (2 * Math.Max(report.Pos, 0.05)), report.Pressure, 1e-12);
    }
}
