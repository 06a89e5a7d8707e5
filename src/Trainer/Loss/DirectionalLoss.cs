namespace P6bNative.Trainer.Loss;

/// <summary>Constants of <see cref="DirectionalLoss"/> at one stage.</summary>
/// <param name="Gamma">γ, above 0.</param>
/// <param name="Alpha">α, the weight of the gap term; 1 leaves the ratio term out (the smooth margin loss of the versions before v2.1).</param>
/// <param name="MarginGap">m_gap.</param>
/// <param name="MarginRatio">m_ratio.</param>
internal readonly record struct DirectionalParameters(double Gamma, double Alpha, double MarginGap, double MarginRatio);

/// <summary>
/// L_dir = mean over the batch of α·sp(γ(m_gap − gap))/γ + (1 − α)·sp(γ(m_ratio − ratio))/γ, sp = softplus. Note that the ratio term does
/// not detect two negative cosines: wherever pos ≥ 0 ≥ neg, ratio is 1, its best value.
/// </summary>
internal static class DirectionalLoss
{
    /// <summary>The value, and its partial derivatives by each sample's cosines.</summary>
    /// <param name="pos">[B].</param>
    /// <param name="neg">[B].</param>
    /// <param name="parameters">Constants.</param>
    /// <param name="dPos">[B], written: ∂L_dir/∂pos, the mean's 1/B included.</param>
    /// <param name="dNeg">[B], written: ∂L_dir/∂neg.</param>
    public static double Evaluate(
        ReadOnlySpan<double> pos, ReadOnlySpan<double> neg, in DirectionalParameters parameters, Span<double> dPos, Span<double> dNeg)
    {
        (double gamma, double alpha, double marginGap, double marginRatio) = parameters;
        double sum = 0;
        for (int b = 0; b < pos.Length; b++)
        {
            double gap = pos[b] - neg[b];
            double scale = Math.Abs(pos[b]) + Math.Abs(neg[b]) + BatchStatistics.RatioEpsilon;
            double ratio = gap / scale;
            double zGap = gamma * (marginGap - gap);
            double zRatio = gamma * (marginRatio - ratio);
            sum += (alpha * Softplus.Value(zGap) + (1 - alpha) * Softplus.Value(zRatio)) / gamma;

            double dGap = -alpha * Softplus.Derivative(zGap) / pos.Length;
            double dRatio = -(1 - alpha) * Softplus.Derivative(zRatio) / pos.Length;
            dPos[b] = dGap + dRatio * (1 - ratio * Sign(pos[b])) / scale;
            dNeg[b] = -dGap + dRatio * (-1 - ratio * Sign(neg[b])) / scale;
        }

        return sum / pos.Length;
    }

    // Unlike Math.Sign: NaN passes through to the finite guard instead of throwing here.
    private static double Sign(double x) => x > 0 ? 1 : x < 0 ? -1 : 0;
}
