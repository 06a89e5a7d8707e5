using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Forecast;

/// <summary>
/// Where a loss pulls the predictions r·norm(μ − αq). The gradient of every mode by a raw output is e(raw − t) + τ·t + ν·q + ρ·raw
/// (<see cref="LossCoefficients"/>); averaged over the windows, with E[t|context] = μ, it vanishes along μ − α'q with
/// α' = Σν/Σ(e − τ). For the gap term alone that is s/(1 + s), s = λwD/(2c). The coefficients are those of the training step itself, with its
/// λ, clamps, caps, gates and skip rules, taken over all windows as one batch.
/// </summary>
internal sealed class MeanField
{
    // A dual pressure rises as long as the gap is below its margin: at rest it is as if a step were as good as infinitely long.
    private const double DualRate = 1e4;

    private readonly SubtractionCurve _curve;
    private readonly StepLoss _loss;
    private readonly double[] _statistics;
    private readonly double[] _coefficients;

    /// <param name="curve">The predictions.</param>
    /// <param name="mode">The loss.</param>
    /// <param name="stage">The one stage of it to look at.</param>
    public MeanField(SubtractionCurve curve, LossMode mode, Stage stage)
    {
        _curve = curve;
        LossMode alone = mode with { Stages = [stage with { FirstEpoch = 1 }], Dual = mode.Dual is null ? null : mode.Dual with { Rate = DualRate } };
        _loss = new StepLoss(alone, curve.Dimension, curve.Slots, curve.Negative, curve.Windows);
        _statistics = new double[curve.Windows * LossStatistics.Columns(curve.Slots)];
        _coefficients = new double[curve.Windows * LossCoefficients.Columns];
    }

    /// <summary>The state at α; null where the mean cosine is not above 0.</summary>
    public MeanFieldPoint? At(double alpha)
    {
        if (Evaluate(alpha) is not { } report) return null;
        return new MeanFieldPoint(alpha, ResponseNow(), report.Pos, Margins(report.Pos), report);
    }

    /// <summary>The response at α alone; null where the mean cosine is not above <paramref name="leastCosine"/>.</summary>
    public double? Response(double alpha, double leastCosine = 0) => Evaluate(alpha) is { } report && report.Pos > leastCosine ? ResponseNow() : null;

    private StepReport? Evaluate(double alpha)
    {
        if (!(_curve.WriteStatistics(alpha, _statistics) > 0)) return null;
        _loss.Dual = default;
        StepReport report = _loss.Evaluate(_statistics, _curve.Windows, epoch: 1);
        _loss.WriteCoefficients(_coefficients);
        return report;
    }

    private double ResponseNow()
    {
        double onTarget = 0, onNegative = 0;
        for (int window = 0; window < _curve.Windows; window++)
        {
            ReadOnlySpan<double> row = _coefficients.AsSpan(window * LossCoefficients.Columns, LossCoefficients.Columns);
            onTarget += row[LossCoefficients.Error] - row[LossCoefficients.Target];
            onNegative += row[LossCoefficients.Negative];
        }

        return onNegative / onTarget;
    }

    private double[] Margins(double pos)
    {
        int columns = LossStatistics.Columns(_curve.Slots);
        var margins = new double[_curve.Slots];
        for (int slot = 0; slot < margins.Length; slot++)
        {
            double sum = 0;
            for (int window = 0; window < _curve.Windows; window++)
            {
                ReadOnlySpan<double> row = _statistics.AsSpan(window * columns, columns);
                sum += Cosine.InLoss(
                    row[LossStatistics.RawContext(slot)], Math.Sqrt(row[LossStatistics.RawSquared]), Math.Sqrt(row[LossStatistics.ContextSquared(slot)]));
            }

            margins[slot] = pos - sum / _curve.Windows;
        }

        return margins;
    }
}
