using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Guardrails;

/// <summary>What the guardrails look at.</summary>
/// <param name="Mse">Base loss.</param>
/// <param name="Dir">L_dir, unweighted.</param>
/// <param name="Pos">Mean cosine with the target.</param>
/// <param name="Neg">Mean cosine with the negative.</param>
/// <param name="UnitGradientRatio">‖∇L_dir‖/‖∇mse‖ by raw, unweighted: λ times it is G.</param>
internal readonly record struct BatchMeans(double Mse, double Dir, double Pos, double Neg, double UnitGradientRatio = 0);

/// <summary>What the guardrails decide.</summary>
/// <param name="LambdaEff">λ after clamp, ρ controller, confidence gate and gradient cap.</param>
/// <param name="Rho">ρ = λ·L_dir/mse before the cap.</param>
/// <param name="RhoCapped">ρ of the λ that is used.</param>
/// <param name="Confidence">Factor of the confidence gate; 1 in a mode without it.</param>
/// <param name="Rescaled">The cap changed λ by more than rounding.</param>
/// <param name="SkipReason">The rule that leaves the directional term out, or null.</param>
/// <param name="Fraction">λ·L_dir/(mse + 1e-8) as applied: 0 where skipped.</param>
/// <param name="GradientRatio">G = ‖∇λL_dir‖/‖∇mse‖ as applied: 0 where skipped.</param>
/// <param name="GradientCapped">The gradient cap scaled λ down.</param>
internal readonly record struct GuardrailDecision(
    double LambdaEff, double Rho, double RhoCapped, double Confidence, bool Rescaled, string? SkipReason, double Fraction, double GradientRatio,
    bool GradientCapped)
{
    /// <summary>True where the directional term is left out of the step.</summary>
    public bool Skip => SkipReason is not null;
}

/// <summary>
/// λ, ρ and skip of a step: a pure function of batch means, stage and mode, in the original's order. In v2.1, as λ is solved for ρ = fraction and
/// no fraction exceeds the cap, the cap cannot fire there unless the lower clamp of λ lifts ρ (L_dir above 2500·mse).
/// </summary>
internal static class GuardrailController
{
    private const double LossFloor = 1e-8;

    // ρ is equal to the cap at the last stage, and rounding can land on either side of it.
    private const double RescaleTolerance = 1e-6;

    /// <summary>The decision for one step of a mode with a directional term.</summary>
    public static GuardrailDecision Decide(in BatchMeans means, in Stage stage, LossMode mode)
    {
        double mse = Math.Max(means.Mse, LossFloor);
        double dir = Math.Max(means.Dir, LossFloor);

        double clamped = Math.Clamp(mse * stage.Fraction / dir, mode.LambdaMin, mode.LambdaMax);
        double rho = clamped * dir / (mse + 1e-12);
        double lambda = clamped;
        if (rho < mode.RhoFloorShare * stage.Fraction)
            lambda = Math.Clamp(clamped * stage.Fraction / Math.Max(rho, 1e-6), mode.LambdaMin, mode.LambdaMax);
        else if (rho > stage.RhoCap)
            lambda = clamped * (stage.RhoCap / rho);
        double confidence = mode.ConfidenceWidth > 0 ? Math.Clamp((means.Pos - mode.ConfidenceFrom) / mode.ConfidenceWidth, 0, 1) : 1;
        lambda *= confidence;
        (lambda, bool gradientCapped) = GradientCap.Apply(lambda, means, mode);
        string? skipReason = FindSkip(means, mode);
        return new GuardrailDecision(
            LambdaEff: lambda,
            Rho: rho,
            RhoCapped: lambda * dir / (mse + 1e-12),
            Confidence: confidence,
            Rescaled: rho > stage.RhoCap * (1 + RescaleTolerance),
            SkipReason: skipReason,
            Fraction: skipReason is null ? lambda * means.Dir / (means.Mse + 1e-8) : 0,
            GradientRatio: skipReason is null ? lambda * means.UnitGradientRatio : 0,
            GradientCapped: gradientCapped);
    }

    private static string? FindSkip(in BatchMeans means, LossMode mode)
    {
        foreach (SkipRule rule in mode.SkipRules)
        {
            if (rule.Matches(means.Pos, means.Neg))
                return rule.Reason;
        }

        return null;
    }
}
