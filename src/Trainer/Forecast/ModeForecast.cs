using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Forecast;

/// <summary>
/// The mean-field forecast of a mode: for each stage the point at which training comes to rest, or collapse; and the fold, the γ·fraction
/// from which on a stage has no such point.
/// </summary>
internal sealed class ModeForecast
{
    /// <summary>A fixed point with a smaller share of the cosine at α = 0 counts as collapse.</summary>
    public const double LeastCosineShare = 0.5;

    /// <summary>Folds are looked for up to this γ·fraction.</summary>
    public const double LargestK = 32;

    private const int FoldHalvings = 12;

    private readonly SubtractionCurve _curve;
    private readonly double _leastCosine;

    /// <param name="curve">The predictions.</param>
    /// <param name="mode">The loss.</param>
    /// <exception cref="InputException">The predictions point away from the targets before anything is subtracted.</exception>
    public ModeForecast(SubtractionCurve curve, LossMode mode)
    {
        _curve = curve;
        Mode = mode;
        Start = new MeanField(curve, LossModes.P6, LossModes.P6.Stages[0]).At(0)
            ?? throw new InputException("the predictions have no positive mean cosine with the targets: there is nothing to forecast from.");
        _leastCosine = LeastCosineShare * Start.Cosine;
    }

    /// <summary>Why nothing can be said about a mode; null where it has a forecast. The one place that decides it, from the mode's data.</summary>
    public static string? Obstacle(LossMode mode) =>
        mode.HasDirectionalTerm && !mode.PushesFromSlot
            ? "its term does not push away from one context slot, so its outputs do not lie on mu - a*q"
            : null;

    /// <summary>The mode.</summary>
    public LossMode Mode { get; }

    /// <summary>The predictions of plain MSE, α = 0.</summary>
    public MeanFieldPoint Start { get; }

    /// <summary>The curve itself: cosines and margins at an α, whatever the loss; null where the mean cosine is not above 0.</summary>
    public MeanFieldPoint? At(double alpha) => new MeanField(_curve, LossModes.P6, LossModes.P6.Stages[0]).At(alpha);

    /// <summary>The stages in their order, each from where the last stable one came to rest.</summary>
    public IReadOnlyList<StageForecast> Stages()
    {
        var stages = new List<StageForecast>();
        double alpha = 0;
        foreach (Stage stage in Mode.Stages)
        {
            StageForecast forecast = Of(Mode, stage, alpha);
            stages.Add(forecast);
            if (!forecast.Collapses) alpha = forecast.Rest!.Alpha;
        }

        return stages;
    }

    /// <summary>A stage from α = 0 with another strength.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="k">γ·fraction.</param>
    /// <param name="guarded">With the mode's caps on λ, ρ and the gradient, or without.</param>
    public StageForecast WithStrength(Stage stage, double k, bool guarded) => WithStrength(Mode, stage, k, guarded);

    /// <summary>The one stage of a mode with a dual pressure, for another margin.</summary>
    public StageForecast WithMargin(double margin) => Of(Mode with { Dual = Mode.Dual! with { Margin = margin } }, Mode.Stages[0], start: 0);

    /// <summary>The smallest γ·fraction at which a stage collapses; null where it does not up to <see cref="LargestK"/>.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="guarded">With the mode's caps on λ, ρ and the gradient, or without.</param>
    /// <param name="gamma">γ; null for the mode's.</param>
    public double? Fold(Stage stage, bool guarded, double? gamma = null)
    {
        LossMode mode = Mode with { Gamma = gamma ?? Mode.Gamma };
        if (!Collapses(mode, stage, LargestK, guarded)) return null;
        double stable = 0, collapsed = LargestK;

        // Folds lie near 1: halving the whole range would waste half of the steps.
        while (collapsed > 1 && Collapses(mode, stage, collapsed / 2, guarded)) collapsed /= 2;
        if (collapsed > 1) stable = collapsed / 2;
        for (int i = 0; i < FoldHalvings; i++)
        {
            double middle = (stable + collapsed) / 2;
            if (Collapses(mode, stage, middle, guarded))
                collapsed = middle;
            else
                stable = middle;
        }

        return (stable + collapsed) / 2;
    }

    private StageForecast WithStrength(LossMode mode, Stage stage, double k, bool guarded)
    {
        (LossMode strong, Stage only) = AtStrength(mode, stage, k, guarded);
        return Of(strong, only, start: 0);
    }

    /// <summary>The verdict alone: the way along the curve may end where its cosine does.</summary>
    private bool Collapses(LossMode mode, Stage stage, double k, bool guarded)
    {
        (LossMode strong, Stage only) = AtStrength(mode, stage, k, guarded);
        var field = new MeanField(_curve, strong, only);
        return FixedPoint.From(a => field.Response(a, _leastCosine), 0) is null;
    }

    private static (LossMode Mode, Stage Stage) AtStrength(LossMode mode, Stage stage, double k, bool guarded)
    {
        stage = stage with { Fraction = k / mode.Gamma };
        return guarded ? (mode, stage) : (
            mode with { LambdaMax = double.PositiveInfinity, GradientCap = double.PositiveInfinity },
            stage with { RhoCap = double.PositiveInfinity });
    }

    private StageForecast Of(LossMode mode, Stage stage, double start)
    {
        var field = new MeanField(_curve, mode, stage);
        double? alpha = FixedPoint.From(a => field.Response(a), start);
        MeanFieldPoint? rest = alpha is { } found ? field.At(found) : null;
        return new StageForecast(stage, mode.Dual?.Margin ?? stage.MarginGap, mode.Gamma * stage.Fraction, rest, Collapses: !(rest?.Cosine >= _leastCosine));
    }
}
