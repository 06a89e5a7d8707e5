using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Guardrails;

/// <summary>λ of a mode whose directional term is InfoNCE: λ_max, scaled down to the gradient cap. Nothing is skipped and nothing remembered.</summary>
internal static class ContrastController
{
    /// <summary>The decision for one step.</summary>
    public static GuardrailDecision Decide(in BatchMeans means, LossMode mode)
    {
        bool gradientCapped = mode.LambdaMax * means.UnitGradientRatio > mode.GradientCap;
        double lambda = gradientCapped ? mode.GradientCap / means.UnitGradientRatio : mode.LambdaMax;
        double mse = means.Mse + 1e-12;
        return new GuardrailDecision(
            LambdaEff: lambda,
            Rho: mode.LambdaMax * means.Dir / mse,
            RhoCapped: lambda * means.Dir / mse,
            Confidence: 1,
            Rescaled: false,
            SkipReason: null,
            Fraction: lambda * means.Dir / mse,
            GradientRatio: lambda * means.UnitGradientRatio,
            GradientCapped: gradientCapped);
    }
}
