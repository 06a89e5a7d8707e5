using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Guardrails;

/// <summary>The guard that every controller applies last.</summary>
internal static class GradientCap
{
    /// <summary>λ, scaled down where G = λ·‖∇L_dir‖/‖∇mse‖ would exceed the mode's cap.</summary>
    public static (double Lambda, bool Capped) Apply(double lambda, in BatchMeans means, LossMode mode) =>
        lambda * means.UnitGradientRatio > mode.GradientCap ? (mode.GradientCap / means.UnitGradientRatio, true) : (lambda, false);
}
