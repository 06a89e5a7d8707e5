namespace P6bNative.Trainer.Loss;

/// <summary>Mean of neg²: pulls the cosine with the negative towards 0, from either side.</summary>
internal static class OrthogonalityPenalty
{
    /// <summary>The unweighted value; adds weight times its derivative to <paramref name="dNeg"/>.</summary>
    /// <param name="neg">[B] cosines with the negative.</param>
    /// <param name="weight">κ.</param>
    /// <param name="dNeg">[B], added to: κ·2·neg/B.</param>
    public static double Evaluate(ReadOnlySpan<double> neg, double weight, Span<double> dNeg)
    {
        double sum = 0;
        for (int b = 0; b < neg.Length; b++)
        {
            sum += neg[b] * neg[b];
            dNeg[b] += weight * 2 * neg[b] / neg.Length;
        }

        return sum / neg.Length;
    }
}
