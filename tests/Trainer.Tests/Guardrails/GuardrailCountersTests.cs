using System.Text.Json;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Tests.Guardrails;

public class GuardrailCountersTests
{
    private static readonly StepReport Healthy = new()
    {
        Loss = 0.001,
        Mse = 0.0009,
        Cosine = 0.5,
        LambdaEff = 5e-4,
        Rho = 0.1,
        Pos = 0.5,
        Neg = 0.53,
        Gap = -0.03,
        Ratio = -0.029,
    };

    private static readonly StepReport Sick = new()
    {
        Loss = 0.003,
        Mse = 0.002,
        Cosine = -0.05,
        LambdaEff = 0.02,
        Rho = 0.4,
        Rescaled = true,
        SkipReason = "mean pos < 0",
        Pos = -0.06,
        Neg = -0.52,
    };

    [Fact]
    public void Every_step_counts()
    {
        var counters = new GuardrailCounters();
        counters.Add(Healthy);
        counters.Add(Sick);
        counters.Add(Healthy);
        counters.Add(Healthy with { Neg = -0.1 });

        EpochTotals totals = counters.Totals;
        Assert.Equal((4, 1, 1, 2), (totals.Steps, totals.Skips, totals.Rescales, totals.NegativeCosines));
        Assert.Equal((0.001 * 3 + 0.003) / 4, totals.Mean(totals.Loss), 1e-15);
        Assert.Equal((5e-4 * 3 + 0.02) / 4, totals.Mean(totals.LambdaEff), 1e-15);
        Assert.Equal((0.5 * 3 - 0.06) / 4, totals.Mean(totals.Pos), 1e-15);
        Assert.Equal(-0.09 / 4, totals.Mean(totals.Gap), 1e-15);
    }

    [Fact]
    public void Extremes_are_of_single_steps()
    {
        var counters = new GuardrailCounters();
        counters.Add(Healthy with { GradientRatio = 0.5, Pressure = 0.3, PressureLimit = 0.4 });
        counters.Add(Sick with { GradientRatio = 1.5, GradientCapped = true, Pressure = 2, PressureLimit = 3 });
        counters.Add(Healthy with { GradientRatio = 0.25, Pressure = 0.1, PressureLimit = 0.2 });

        EpochTotals totals = counters.Totals;
        Assert.Equal((0.4, -0.06, 1.5, 2.0, 3.0, 1), (totals.MaxRho, totals.MinPos, totals.MaxGradientRatio, totals.MaxPressure, totals.MaxPressureLimit, totals.GradientCaps));
        Assert.Equal(0.75, totals.Mean(totals.GradientRatio), 1e-15);
        Assert.Equal(0.8, totals.Mean(totals.Pressure), 1e-15);
    }

    [Fact]
    public void The_smallest_pos_of_an_epoch_may_be_above_zero()
    {
        var counters = new GuardrailCounters();
        counters.Add(Healthy with { Pos = 0.7 });
        counters.Add(Healthy);
        Assert.Equal(0.5, counters.Totals.MinPos);
    }

    [Fact]
    public void Going_on_from_stored_totals_gives_the_same_bits()
    {
        var whole = new GuardrailCounters();
        var first = new GuardrailCounters();
        for (int i = 0; i < 7; i++)
        {
            whole.Add(Healthy with { Loss = 0.1 * i });
            first.Add(Healthy with { Loss = 0.1 * i });
        }

        EpochTotals stored = JsonSerializer.Deserialize<EpochTotals>(JsonSerializer.Serialize(first.Totals));
        var second = new GuardrailCounters { Totals = stored };
        for (int i = 0; i < 7; i++)
        {
            whole.Add(Sick with { Ratio = 0.3 * i });
            second.Add(Sick with { Ratio = 0.3 * i });
        }

        Assert.Equal(whole.Totals, second.Totals);
    }

    [Fact]
    public void An_epoch_starts_at_zero()
    {
        var counters = new GuardrailCounters();
        counters.Add(Sick);
        counters.Reset();
        Assert.Equal(default, counters.Totals);
        Assert.Equal(0, counters.Totals.Mean(counters.Totals.Loss));
    }

    [Fact]
    public void Adding_allocates_nothing()
    {
        var counters = new GuardrailCounters();
        counters.Add(Healthy);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            counters.Add(Healthy);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
