namespace P6bNative.Trainer.Loss;

/// <summary>
/// The pressure of the directional term over the restoring force of the MSE, 2c/D per unit of cosine at an output norm of c = mean pos.
/// An auto-scaled λ ∝ mse/L_dir does not let go when the margin is reached: as L_dir shrinks the pressure tends to S, not to 0.
/// </summary>
internal static class GuardPressure
{
    // Below it the restoring force is nothing, and a cosine around 0 would make the figure jump in sign.
    private const double CosineFloor = 0.05;

    /// <summary>s = λ·w·D/(2c): the pressure in force.</summary>
    /// <param name="lambda">λ as applied.</param>
    /// <param name="pull">w = Σ (∂L_dir/∂neg − ∂L_dir/∂pos)/2: for the gap term alone the mean of σ(γ(m − gap)).</param>
    /// <param name="pos">c, the mean cosine with the target; at least .05 is taken.</param>
    /// <param name="dimension">D.</param>
    public static double OnGap(double lambda, double pull, double pos, int dimension) =>
        lambda * pull * dimension / (2 * Math.Max(pos, CosineFloor));

    /// <summary>S = γ·frac·(1 − c²)/(2c) + D·κ·neg/c: where the pressure ends once the margin is reached; 0 in a mode that is not auto-scaled.</summary>
    /// <param name="mode">γ and κ.</param>
    /// <param name="stage">frac.</param>
    /// <param name="pos">c, the mean cosine with the target; at least .05 is taken.</param>
    /// <param name="neg">Mean cosine with the negative.</param>
    /// <param name="dimension">D.</param>
    public static double Limit(LossMode mode, in Stage stage, double pos, double neg, int dimension)
    {
        double c = Math.Max(pos, CosineFloor);
        return mode.Gamma * stage.Fraction * (1 - c * c) / (2 * c) + dimension * mode.OrthogonalityWeight * neg / c;
    }
}
