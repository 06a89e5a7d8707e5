using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Guardrails;

public class DualControllerTests
{
    private static readonly DualPressure Constants = LossModes.P6bV3.Dual!;

    [Fact]
    public void The_first_batch_starts_the_running_means()
    {
        DualState state = Next(default, pos: 0.6, neg: 0.7);
        Assert.Equal((1, 0.6), (state.Steps, state.Cosine));
        Assert.Equal(-0.1, state.Gap, 1e-15);
        Assert.Equal(0.01 * (0.05 + 0.1), state.Pressure, 1e-15);
    }

    [Fact]
    public void Running_means_take_a_tenth_of_each_batch()
    {
        DualState state = Next(new DualState(7, 0.5, -0.1, 0.2, 0.5), pos: 0.7, neg: 0.6);
        Assert.Equal(0.52, state.Cosine, 1e-15);
        Assert.Equal(-0.08, state.Gap, 1e-15);
        Assert.Equal(0.2 + 0.01 * 0.13, state.Pressure, 1e-15);
    }

    [Theory]
    [InlineData(0.599, -2, 0.6)]
    [InlineData(0.6, -1, 0.6)]
    [InlineData(0.001, 1, 0)]
    [InlineData(0.2, 0.05, 0.2)]
    public void Pressure_stays_between_zero_and_its_cap(double pressure, double gap, double expected) =>
        Assert.Equal(expected, Next(new DualState(9, 0.5, gap, pressure, 0.5), pos: 0.5 + gap, neg: 0.5).Pressure, 1e-12);

    [Fact]
    public void The_warm_up_has_no_pressure_and_remembers_its_cosine()
    {
        DualState state = default;
        for (int i = 0; i < 200; i++) state = DualController.Next(state, new BatchMeans(0.001, 0, 0.6, 0.7), Constants, warmUp: true);
        Assert.Equal(0, state.Pressure);
        Assert.Equal(0.6, state.WarmupCosine, 1e-12);
        state = Next(state, 0.1, 0.2);
        Assert.Equal(0.6, state.WarmupCosine, 1e-12);
        Assert.True(state.Pressure > 0);
    }

    [Fact]
    public void The_cosine_has_a_floor() => Assert.Equal(0.05, Next(default, pos: -0.9, neg: 0).Cosine);

    [Fact]
    public void Lambda_is_twice_cosine_times_pressure_over_dimension()
    {
        GuardrailDecision decision = DualController.Decide(new(0.001, -0.02, 0.5, 0.48, 500), new(9, 0.5, 0, 0.4, 0.5), LossModes.P6bV3, 512);
        Assert.Equal(2 * 0.5 * 0.4 / 512, decision.LambdaEff, 1e-15);
        Assert.Equal(decision.LambdaEff * 500, decision.GradientRatio, 1e-15);
        Assert.Equal(decision.LambdaEff * 0.02 / 0.001, decision.Rho, 1e-6);
        Assert.False(decision.GradientCapped);
        Assert.False(decision.Skip);

        GuardrailDecision capped = DualController.Decide(new(0.001, -0.02, 0.5, 0.48, 5000), new(9, 0.5, 0, 0.4, 0.5), LossModes.P6bV3, 512);
        Assert.True(capped.GradientCapped);
        Assert.Equal(0.8, capped.GradientRatio, 1e-12);
        Assert.Equal(decision.Rho, capped.Rho);
        Assert.True(capped.RhoCapped < capped.Rho);
    }

    [Theory]
    [InlineData(0.451, null)]
    [InlineData(0.449, "running mean cosine 0.449 fell below 0.75 of the 0.600 it had after the warm-up")]
    public void Stop_rule(double cosine, string? expected) =>
        Assert.Equal(expected, DualController.FindCollapse(new DualState(9, cosine, 0, 0.1, 0.6), Constants));

    [Fact]
    public void Without_a_warm_up_there_is_no_stop_rule() => Assert.Null(DualController.FindCollapse(new DualState(9, 0.05, 0, 0.1, 0), Constants));

    /// <summary>
    /// The closed form the mode rests on: for a fixed mean prediction μ and negative q the loss |r − μ|²/D − λ·(p·μ̂… − p·q), λ = 2cs/D with c = p·target,
    /// is stationary at r ∝ μ − α·q, α = s/(1 + s).
    /// </summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.35)]
    [InlineData(0.6)]
    public void Training_a_vector_under_a_constant_pressure_ends_at_the_subtraction(double pressure)
    {
        // Targets t = μ ± e of unit length around their mean μ: the output sees both equally often, as a regressor sees a noisy target.
        double[] mean = [0.6, 0.2, 0, 0], negative = [0.8, 0, 0.6, 0];
        double noise = Math.Sqrt(1 - Dot(mean, mean));
        double[][] targets = [[mean[0], mean[1], 0, noise], [mean[0], mean[1], 0, -noise]];
        double[] raw = [.. mean];
        var batch = new Loss.VectorBatch([raw, raw], targets, [[negative], [negative]]);
        LossMode mode = LossModes.P6bV3 with { Dual = Constants with { Rate = 0, MaxPressure = 1 }, GradientCap = double.PositiveInfinity };
        var loss = new StepLoss(mode, 4, 1, 0, 2);
        var coefficients = new double[8];
        for (int i = 0; i < 20_000; i++)
        {
            loss.Dual = loss.Dual with { Pressure = pressure };
            loss.Evaluate(batch.Statistics(), 2, 1);
            loss.WriteCoefficients(coefficients);
            double[][] gradient = batch.Gradient(coefficients, 0);
            for (int d = 0; d < 4; d++) raw[d] -= 0.5 * (gradient[0][d] + gradient[1][d]);
        }

        double alpha = pressure / (1 + pressure);
        double[] expected = [.. mean.Zip(negative, (m, q) => m - alpha * q)];
        Assert.Equal(1, Dot(raw, expected) / Math.Sqrt(Dot(raw, raw) * Dot(expected, expected)), 1e-9);
    }

    private static DualState Next(DualState state, double pos, double neg) =>
        DualController.Next(state, new BatchMeans(0.001, neg - pos, pos, neg), Constants, warmUp: false);

    private static double Dot(double[] a, double[] b) => Loss.VectorBatch.Dot(a, b);
}
