namespace P6bNative.Trainer.Loss;

/// <summary>mean relu(τ − pos)²: pulls the cosine with the target up where it is below τ. Inactive at the usual pos ≈ 0.5.</summary>
internal static class PositiveFloor
{
    /// <summary>The value; adds weight · its derivative to <paramref name="dPos"/>.</summary>
    /// <param name="pos">[B].</param>
    /// <param name="tau">τ.</param>
    /// <param name="weight">β, the factor of the derivative (not of the returned value).</param>
    /// <param name="dPos">[B], added to.</param>
    public static double Evaluate(ReadOnlySpan<double> pos, double tau, double weight, Span<double> dPos)
    {
        double sum = 0;
        for (int b = 0; b < pos.Length; b++)
        {
            double shortfall = Math.Max(tau - pos[b], 0);
            sum += shortfall * shortfall;
            dPos[b] -= weight * 2 * shortfall / pos.Length;
        }

        return sum / pos.Length;
    }
}
