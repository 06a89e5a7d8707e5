using P6bNative.Trainer.Forecast;

namespace P6bNative.Trainer.Tests.Forecast;

/// <summary>Fixed points whose place is known in closed form.</summary>
public sealed class FixedPointTests
{
    private const double Precision = 1e-7;

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    [InlineData(6.0)]
    public void A_constant_pressure_rests_at_s_over_one_plus_s_from_either_side(double s)
    {
        double expected = s / (1 + s);
        Assert.Equal(expected, FixedPoint.From(_ => expected, 0)!.Value, Precision);
        Assert.Equal(expected, FixedPoint.From(_ => expected, 0.95)!.Value, Precision);
    }

    /// <summary>Constant λ, s = s₀/c, on the curve c = 1 − α²: α(1 + α) = s₀, so that the fold is at s₀ = 2.</summary>
    [Theory]
    [InlineData(0.3)]
    [InlineData(1.0)]
    [InlineData(1.9)]
    public void A_constant_lambda_on_a_parabola_has_a_known_rest(double s0) =>
        Assert.Equal((Math.Sqrt(1 + 4 * s0) - 1) / 2, FixedPoint.From(alpha => OnParabola(alpha, s0), 0)!.Value, 1e-6);

    [Fact]
    public void Beyond_the_fold_there_is_no_rest() => Assert.Null(FixedPoint.From(alpha => OnParabola(alpha, 2.01), 0));

    [Fact]
    public void Of_several_the_first_on_the_way_is_taken()
    {
        static double? Response(double alpha) => alpha - (alpha - 0.205) * (alpha - 0.405) * (alpha - 0.605);
        Assert.Equal(0.205, FixedPoint.From(Response, 0)!.Value, Precision);
        Assert.Equal(0.205, FixedPoint.From(Response, 0.395)!.Value, Precision);
        Assert.Equal(0.605, FixedPoint.From(Response, 0.415)!.Value, Precision);
        Assert.Equal(0.605, FixedPoint.From(Response, 0.9)!.Value, Precision);
    }

    [Fact]
    public void A_skip_rule_holds_alpha_at_its_edge() => Assert.Equal(0.333, FixedPoint.From(alpha => alpha < 0.333 ? 0.9 : 0, 0)!.Value, Precision);

    [Fact]
    public void A_response_below_zero_rests_at_zero() => Assert.Equal(0, FixedPoint.From(_ => -0.2, 0.3));

    [Fact]
    public void Where_the_prediction_is_lost_there_is_no_rest()
    {
        Assert.Null(FixedPoint.From(alpha => alpha < 0.5 ? 0.8 : null, 0));
        Assert.Null(FixedPoint.From(_ => null, 0));
    }

    private static double? OnParabola(double alpha, double s0)
    {
        double s = s0 / (1 - alpha * alpha);
        return s / (1 + s);
    }
}
