namespace P6bNative.Trainer.Loss;

/// <summary>‖∇L_dir‖/‖∇mse‖ by the raw output, over the batch. Unlike ρ, a ratio of values, it says which term decides the next step.</summary>
internal static class GradientRatio
{
    // An output that is its target would otherwise make an infinity, which no record could hold.
    private const double SmallestMse = 1e-30;

    /// <summary>
    /// With unit target n, unit negative q and p = raw/‖raw‖: ∂L_dir/∂raw = (g − (g·p)p)/‖raw‖, g = a·n + c·q, so its square is
    /// (a² + c² + 2ac·n·q − (a·pos + c·neg)²)/‖raw‖²; ∂mse/∂raw = 2(raw − target)/(B·D).
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="dimension">D.</param>
    /// <param name="dPos">[B]: a = ∂L_dir/∂pos.</param>
    /// <param name="dNeg">[B]: c = ∂L_dir/∂neg.</param>
    /// <returns>The ratio; 0 where both gradients are 0.</returns>
    public static double OfDirectionalToMse(BatchStatistics batch, int dimension, ReadOnlySpan<double> dPos, ReadOnlySpan<double> dNeg)
    {
        double squares = 0;
        for (int b = 0; b < dPos.Length; b++)
        {
            double a = dPos[b], c = dNeg[b];
            double radial = a * batch.Pos[b] + c * batch.Neg[b];
            double norm = Math.Max(batch.RawNorm[b], Cosine.LossNormFloor);
            // Rounding can leave a little less than nothing where p, n and q are in one plane.
            squares += Math.Max(a * a + c * c + 2 * a * c * batch.TargetNegative[b] - radial * radial, 0) / (norm * norm);
        }

        return OfNormToMse(batch, dimension, Math.Sqrt(squares));
    }

    /// <summary>norm/‖∇mse‖, as ‖∇mse‖ = 2·√(mse/(B·D)).</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="dimension">D.</param>
    /// <param name="norm">‖∇L_dir‖ by raw over the batch.</param>
    /// <returns>The ratio; 0 where both gradients are 0.</returns>
    public static double OfNormToMse(BatchStatistics batch, int dimension, double norm)
    {
        double mse = 2 * Math.Sqrt(Math.Max(batch.Mse, SmallestMse) / ((double)batch.Batch * dimension));
        return norm == 0 ? 0 : norm / mse;
    }
}
