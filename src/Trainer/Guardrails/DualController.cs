using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Guardrails;

/// <summary>Where a <see cref="DualController"/> stands: plain numbers, so that a checkpoint can hold them.</summary>
/// <param name="Steps">Steps so far.</param>
/// <param name="Cosine">c: running mean of pos, at least .05.</param>
/// <param name="Gap">g: running mean of pos − neg.</param>
/// <param name="Pressure">s.</param>
/// <param name="WarmupCosine">c at the end of the warm-up; 0 where there was none.</param>
internal readonly record struct DualState(long Steps, double Cosine, double Gap, double Pressure, double WarmupCosine);

/// <summary>
/// The pressure of a linear directional term: c ← .9c + .1·mean pos, g ← .9g + .1·mean gap, s ← clip(s + η(m − g), 0, s_max), λ = 2cs/D.
/// A pure function of state, batch and constants; nothing in it divides by the loss, so a satisfied margin lets the pressure go.
/// </summary>
internal static class DualController
{
    private const double Keep = 0.9;
    private const double CosineFloor = 0.05;

    /// <summary>The state after a batch; during the warm-up s stays 0.</summary>
    public static DualState Next(in DualState state, in BatchMeans means, DualPressure constants, bool warmUp)
    {
        bool first = state.Steps == 0;
        double gap = means.Pos - means.Neg;
        double c = Math.Max(first ? means.Pos : Keep * state.Cosine + (1 - Keep) * means.Pos, CosineFloor);
        double g = first ? gap : Keep * state.Gap + (1 - Keep) * gap;
        double s = warmUp ? 0 : Math.Clamp(state.Pressure + constants.Rate * (constants.Margin - g), 0, constants.MaxPressure);
        return new DualState(state.Steps + 1, c, g, s, warmUp ? c : state.WarmupCosine);
    }

    /// <summary>λ = 2cs/D, lowered where the mode's gradient cap asks for it.</summary>
    public static GuardrailDecision Decide(in BatchMeans means, in DualState state, LossMode mode, int dimension)
    {
        double lambda = 2 * state.Cosine * state.Pressure / dimension;
        (double applied, bool gradientCapped) = GradientCap.Apply(lambda, means, mode);
        double mse = means.Mse + 1e-12;
        return new GuardrailDecision(
            LambdaEff: applied,
            Rho: lambda * Math.Abs(means.Dir) / mse,
            RhoCapped: applied * Math.Abs(means.Dir) / mse,
            Confidence: 1,
            Rescaled: false,
            SkipReason: null,
            Fraction: applied * Math.Abs(means.Dir) / mse,
            GradientRatio: applied * means.UnitGradientRatio,
            GradientCapped: gradientCapped);
    }

    /// <summary>Why the run must stop, or null.</summary>
    public static string? FindCollapse(in DualState state, DualPressure constants)
    {
        double least = constants.CollapseShare * state.WarmupCosine;
        return state.Cosine < least
            ? $"running mean cosine {state.Cosine:F3} fell below {constants.CollapseShare} of the {state.WarmupCosine:F3} it had after the warm-up"
            : null;
    }
}
