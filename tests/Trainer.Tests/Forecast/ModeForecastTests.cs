using System.Text.Json;
using P6bNative.Trainer.Forecast;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Forecast;

/// <summary>
/// The forecasts of the pilot on real encyclopaedia vectors, from the products of every 16th validation window
/// (Fixtures/forecast_windows.json; the pilot used all of them).
/// </summary>
public sealed class ModeForecastTests
{
    private static readonly SubtractionCurve Curve = ReadCurve();

    /// <summary>Cosine and gap by numpy on the same windows; on all of them c is .682 .676 .658 .618 .546 .435 .291.</summary>
    [Theory]
    [InlineData(0.0, 0.68133, -0.12778)]
    [InlineData(0.1, 0.67450, -0.07039)]
    [InlineData(0.2, 0.65548, 0.00412)]
    [InlineData(0.3, 0.61514, 0.09816)]
    [InlineData(0.4, 0.54231, 0.20909)]
    [InlineData(0.5, 0.43002, 0.32529)]
    [InlineData(0.6, 0.28491, 0.42783)]
    public void The_curve_is_that_of_an_independent_computation(double alpha, double cosine, double gap)
    {
        MeanFieldPoint point = new ModeForecast(Curve, LossModes.P6).At(alpha)!;
        Assert.Equal(cosine, point.Cosine, 1e-4);
        Assert.Equal(gap, point.Margins[0], 1e-4);
    }

    [Fact]
    public void V1_is_stable_in_its_first_stage_and_collapses_in_the_others() =>
        Assert.Equal([false, true, true], Collapses(LossModes.P6bV1));

    [Fact]
    public void V21_is_stable_throughout_and_ends_at_a_small_positive_gap()
    {
        IReadOnlyList<StageForecast> stages = new ModeForecast(Curve, LossModes.P6bV21).Stages();
        Assert.DoesNotContain(stages, stage => stage.Collapses);
        Assert.Equal(0.025, stages[^1].Rest!.Loss.Gap, 0.01);
        Assert.Equal(0.655, stages[^1].Rest!.Cosine, 0.01);
        Assert.Equal(stages.Select(s => s.Rest!.Alpha).Order(), stages.Select(s => s.Rest!.Alpha));
    }

    /// <summary>The pilot left the orthogonality term out; with it the pressure is higher.</summary>
    [Fact]
    public void V22_without_orthogonality_collapses_from_stage_3_and_with_it_from_stage_2()
    {
        Assert.Equal([false, false, true, true], Collapses(LossModes.P6bV22 with { OrthogonalityWeight = 0 }));
        Assert.Equal([false, true, true, true], Collapses(LossModes.P6bV22));
    }

    [Fact]
    public void A_mode_without_directional_term_stays_at_zero()
    {
        StageForecast stage = Assert.Single(new ModeForecast(Curve, LossModes.P6).Stages());
        Assert.Equal((0, 0, false), (stage.K, stage.Rest!.Alpha, stage.Collapses));
    }

    /// <summary>Twice the pressure of v1's last stage: stable with the gradient ratio capped at .7, as measured.</summary>
    [Fact]
    public void A_gradient_cap_removes_the_fold()
    {
        LossMode capped = LossModes.P6bV1 with { GradientCap = 0.7 };
        var forecast = new ModeForecast(Curve, capped);
        Assert.DoesNotContain(forecast.Stages(), stage => stage.Collapses);
        Assert.Null(forecast.Fold(capped.Stages[^1], guarded: true));
        StageForecast strong = forecast.WithStrength(capped.Stages[^1], 4, guarded: true);
        Assert.Equal(0.7, strong.Rest!.Loss.GradientRatio, 1e-6);
        Assert.InRange(strong.Rest.Cosine, 0.55, 0.65);
        Assert.True(forecast.WithStrength(capped.Stages[^1], 4, guarded: false).Collapses);
    }

    /// <summary>A dual pressure ends at its margin, or at α = s_max/(1 + s_max) where that is too little, whatever is asked for.</summary>
    [Theory]
    [InlineData(-0.2, 0.6)]
    [InlineData(0.05, 0.6)]
    [InlineData(0.5, 0.6)]
    [InlineData(0.5, 0.1)]
    public void A_dual_pressure_ends_at_its_margin_or_at_its_cap(double margin, double cap)
    {
        LossMode mode = LossModes.P6bV3 with { Dual = LossModes.P6bV3.Dual! with { Margin = margin, MaxPressure = cap }, GradientCap = double.PositiveInfinity };
        var forecast = new ModeForecast(Curve, mode);
        MeanFieldPoint rest = Assert.Single(forecast.Stages()).Rest!;
        double largest = cap / (1 + cap);
        if (forecast.Start.Margins[0] > margin)
        {
            Assert.Equal(0, rest.Alpha);
        }
        else if (forecast.At(largest)!.Margins[0] < margin)
        {
            Assert.Equal(largest, rest.Alpha, 1e-6);
        }
        else
        {
            Assert.Equal(margin, rest.Loss.Gap, 2e-4);
            Assert.Equal(rest.Alpha / (1 - rest.Alpha), rest.Loss.Pressure, 1e-3);
        }
    }

    /// <summary>
    /// Constant λ, w = 1: at rest α/(1 − α) = s = s₀·c(0)/c(α), so that the fold lies at the largest α·c(α)/((1 − α)·c(0)), with c by numpy (above)
    /// between .64 and .67.
    /// </summary>
    [Theory]
    [InlineData(0.3, false)]
    [InlineData(0.6, false)]
    [InlineData(0.7, true)]
    public void A_constant_lambda_folds_at_a_pressure_of_65_percent(double s0, bool collapses)
    {
        double lambda = s0 * 2 * 0.68133 / 512;
        LossMode mode = LossModes.P6bV1 with { LambdaMin = lambda, LambdaMax = lambda, Stages = [new(1, 10, 0.1, double.PositiveInfinity)] };
        StageForecast stage = Assert.Single(new ModeForecast(Curve, mode).Stages());
        Assert.Equal(collapses, stage.Collapses);
        if (collapses) return;
        MeanFieldPoint rest = stage.Rest!;
        Assert.Equal(s0 * 0.68133 / rest.Cosine, rest.Loss.Pressure, 1e-3);
        Assert.Equal(rest.Loss.Pressure / (1 + rest.Loss.Pressure), rest.Alpha, 1e-5);
    }

    [Fact]
    public void Only_a_mode_whose_negatives_are_no_context_slot_has_no_forecast() =>
        Assert.Equal([LossModes.P6Nce], LossModes.All.Where(mode => ModeForecast.Obstacle(mode) is not null));

    [Theory]
    [InlineData(4.0, 1.36)]
    [InlineData(8.0, 1.42)]
    [InlineData(16.0, 1.82)]
    public void The_fold_moves_little_with_gamma(double gamma, double expected)
    {
        var forecast = new ModeForecast(Curve, LossModes.P6bV1);
        Stage stage = LossModes.P6bV1.Stages[^1];
        double fold = forecast.Fold(stage, guarded: false, gamma)!.Value;
        Assert.Equal(expected, fold, 0.1);
        LossMode mode = LossModes.P6bV1 with { Gamma = gamma };
        Assert.False(new ModeForecast(Curve, mode).WithStrength(stage, fold - 0.01, guarded: false).Collapses);
        Assert.True(new ModeForecast(Curve, mode).WithStrength(stage, fold + 0.01, guarded: false).Collapses);
    }

    private static bool[] Collapses(LossMode mode) => [.. new ModeForecast(Curve, mode).Stages().Select(stage => stage.Collapses)];

    private static SubtractionCurve ReadCurve()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Fixtures", "forecast_windows.json"));
        using JsonDocument document = JsonDocument.Parse(file);
        double[][] windows = document.RootElement.GetProperty("windows").Deserialize<double[][]>()!;
        var products = new List<double>();
        foreach (double[] w in windows)
        {
            (double meanSquared, double meanTarget, double meanNegative, double targetNegative) = (w[0], w[1], w[2], w[3]);
            products.AddRange([meanSquared, 1, meanTarget, meanNegative, 1, targetNegative, 1]);
        }

        return new SubtractionCurve(slots: 1, negative: 0, document.RootElement.GetProperty("dimension").GetInt32(), [.. products]);
    }
}
