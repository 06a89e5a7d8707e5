using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Guardrails;

public class GuardrailControllerTests
{
    private static readonly LossMode Mode = LossModes.P6bV21;
    private static readonly Stage First = Mode.StageFor(1);
    private static readonly Stage Last = Mode.StageFor(12);

    [Fact]
    public void Lambda_solves_for_the_fraction_between_its_clamps()
    {
        GuardrailDecision decision = Decide(mse: 0.00094, dir: 0.2055, First);
        Assert.Equal(0.00094 * 0.10 / 0.2055, decision.LambdaEff, 1e-15);
        Assert.Equal(0.10, decision.Rho, 1e-8);
        Assert.Equal(decision.Rho, decision.RhoCapped);
        Assert.Equal(decision.LambdaEff * 0.2055 / (0.00094 + 1e-8), decision.Fraction, 1e-15);
        Assert.False(decision.Rescaled);
        Assert.False(decision.Skip);
    }

    [Theory]
    [InlineData(0.0199, 0.0199)]
    [InlineData(0.02, 0.02)]
    [InlineData(0.0201, 0.02)]
    [InlineData(5.0, 0.02)]
    [InlineData(1.01e-4, 1.01e-4)]
    [InlineData(1e-4, 1e-4)]
    [InlineData(0.99e-4, 1e-4)]
    [InlineData(1e-7, 1e-4)]
    public void Lambda_is_clamped_at_both_ends(double solved, double expected)
    {
        // The first stage wants a fraction of 0.10: mse · 0.10/dir = solved.
        GuardrailDecision decision = Decide(mse: solved * 10, dir: 1, First with { RhoCap = double.PositiveInfinity });
        Assert.Equal(expected, decision.LambdaEff, 1e-15);
    }

    [Fact]
    public void Upper_clamp_lowers_rho_below_the_fraction()
    {
        GuardrailDecision decision = Decide(mse: 0.001, dir: 0.005, Last);
        Assert.Equal(0.02, decision.LambdaEff);
        Assert.Equal(0.10, decision.Rho, 1e-8);
    }

    [Fact]
    public void Cap_fires_where_the_lower_clamp_lifts_rho()
    {
        // The only way under v2.1: L_dir above 2500 times the MSE.
        GuardrailDecision decision = Decide(mse: 1e-4, dir: 1, First);
        Assert.Equal(1.0, decision.Rho, 1e-7);
        Assert.True(decision.Rescaled);
        Assert.Equal(0.25e-4, decision.LambdaEff, 1e-12);
        Assert.Equal(0.25, decision.RhoCapped, 1e-12);
    }

    [Fact]
    public void Cap_fires_where_the_fraction_exceeds_it()
    {
        GuardrailDecision decision = Decide(mse: 0.001, dir: 1, Last with { Fraction = 0.30 });
        Assert.Equal(0.30, decision.Rho, 1e-7);
        Assert.Equal(0.00025, decision.LambdaEff, 1e-12);
        Assert.True(decision.Rescaled);
    }

    [Fact]
    public void Rounding_at_the_cap_is_not_counted()
    {
        // ρ = 0.25 up to rounding for every batch of the last stage.
        var random = new Random(4);
        for (int i = 0; i < 1000; i++)
        {
            GuardrailDecision decision = Decide(mse: 1e-3 * (0.5 + random.NextDouble()), dir: 0.1 + random.NextDouble(), Last);
            Assert.False(decision.Rescaled);
            Assert.Equal(0.25, decision.RhoCapped, 1e-8);
        }

        Assert.False(Decide(mse: 0.001, dir: 1, Last with { Fraction = 0.25 + 1e-8 }).Rescaled);
        Assert.True(Decide(mse: 0.001, dir: 1, Last with { Fraction = 0.25 + 1e-5 }).Rescaled);
    }

    [Fact]
    public void A_stage_without_cap_is_not_rescaled()
    {
        GuardrailDecision decision = Decide(mse: 1e-4, dir: 1, First with { RhoCap = double.PositiveInfinity });
        Assert.Equal(1e-4, decision.LambdaEff);
        Assert.False(decision.Rescaled);
    }

    [Fact]
    public void Vanishing_losses_are_lifted_before_dividing()
    {
        GuardrailDecision noDirectional = Decide(mse: 0.001, dir: 0, First);
        Assert.Equal(0.02, noDirectional.LambdaEff);
        GuardrailDecision noMse = Decide(mse: 0, dir: 1, First);
        Assert.Equal(0.25e-8, noMse.LambdaEff, 1e-12);
        Assert.True(noMse.Rescaled);
    }

    [Theory]
    [InlineData(-1e-9, 0.5, "mean pos < 0")]
    [InlineData(0.0, 0.5, null)]
    [InlineData(0.049, -0.051, "mean pos < 0.05 and mean neg < -0.05")]
    [InlineData(0.05, -0.051, null)]
    [InlineData(0.049, -0.05, null)]
    [InlineData(0.5, -0.9, null)]
    [InlineData(-0.058, -0.519, "mean pos < 0")]
    public void Skip_rules(double pos, double neg, string? reason)
    {
        GuardrailDecision decision = GuardrailController.Decide(new(0.001, 0.2, pos, neg), First, Mode);
        Assert.Equal(reason, decision.SkipReason);
        Assert.Equal(reason is not null, decision.Skip);
        Assert.Equal(decision.Skip, decision.Fraction == 0);
        Assert.Equal(0.0005, decision.LambdaEff, 1e-12);
    }

    [Theory]
    [InlineData(0.1, -0.01, true)]
    [InlineData(-0.01, 0.1, true)]
    [InlineData(0.1, 0.1, false)]
    public void Skip_rules_are_data(double pos, double neg, bool skip)
    {
        LossMode eitherNegative = Mode with { SkipRules = [new(0, double.PositiveInfinity, "pos"), new(double.PositiveInfinity, 0, "neg")] };
        Assert.Equal(skip, GuardrailController.Decide(new(0.001, 0.2, pos, neg), First, eitherNegative).Skip);
        Assert.False(GuardrailController.Decide(new(0.001, 0.2, pos, neg), First, Mode with { SkipRules = [] }).Skip);
    }

    [Theory]
    [InlineData(double.PositiveInfinity, 0.0005, 0.75, false)]
    [InlineData(0.75, 0.0005, 0.75, false)]
    [InlineData(0.7, 0.0005 * 0.7 / 0.75, 0.7, true)]
    [InlineData(1e-3, 0.0005 * 1e-3 / 0.75, 1e-3, true)]
    public void Gradient_cap_bounds_the_measured_ratio(double cap, double lambda, double ratio, bool capped)
    {
        // λ = .001·.10/.2 = 5e-4, and a unit ratio of 1500 makes G = .75. The clamps of λ do not bind the cap.
        GuardrailDecision decision = GuardrailController.Decide(new(0.001, 0.2, 0.5, 0.5, 1500), First, Mode with { GradientCap = cap });
        Assert.Equal(lambda, decision.LambdaEff, 1e-15);
        Assert.Equal(ratio, decision.GradientRatio, 1e-12);
        Assert.Equal(capped, decision.GradientCapped);
        Assert.Equal(0.1, decision.Rho, 1e-7);
        Assert.Equal(lambda * 0.2 / 0.001, decision.RhoCapped, 1e-7);
    }

    [Fact]
    public void A_skipped_step_has_no_gradient_ratio() =>
        Assert.Equal(0, GuardrailController.Decide(new(0.001, 0.2, -0.5, 0.5, 1500), First, Mode).GradientRatio);

    private static GuardrailDecision Decide(double mse, double dir, Stage stage) =>
        GuardrailController.Decide(new(mse, dir, 0.5, 0.5), stage, Mode);
}
