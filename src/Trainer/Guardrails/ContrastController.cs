using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Guardrails;

/// <summary>
/// λ of a mode whose directional term is InfoNCE: λ_max, scaled down to the gradient cap. Nothing is skipped and nothing
/// remembered. ρ is that of the applied λ, since λ_max alone says nothing.
/// </summary>
internal static class ContrastController
{
    /// <summary>The decision for one step.</summary>
    public static GuardrailDecision Decide(in BatchMeans means, LossMode mode)
    {
        (double lambda, bool gradientCapped) = GradientCap.Apply(mode.LambdaMax, means, mode);
        double rho = lambda * means.Dir / (means.Mse + 1e-12);
        return new GuardrailDecision(
            LambdaEff: lambda,
            Rho: rho,
            RhoCapped: rho,
            Confidence: 1,
            Rescaled: false,
            SkipReason: null,
            Fraction: rho,
            GradientRatio: lambda * means.UnitGradientRatio,
            GradientCapped: gradientCapped);
    }
}
