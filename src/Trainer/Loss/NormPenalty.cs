namespace P6bNative.Trainer.Loss;

/// <summary>
/// mean (‖x‖ − 1)². Vacuous in training: upstream hands it the output that is already normalised, so it is 0 up to rounding and its gradient
/// vanishes. It is computed so that its value is seen, and has no share in the gradient.
/// </summary>
internal static class NormPenalty
{
    /// <summary>The penalty of vectors with these norms.</summary>
    public static double Of(ReadOnlySpan<double> norms)
    {
        double sum = 0;
        foreach (double norm in norms)
            sum += (norm - 1) * (norm - 1);
        return sum / norms.Length;
    }

    /// <summary>The penalty of the model's outputs raw/max(‖raw‖, 1e-12): 0, or 1 for a zero vector.</summary>
    /// <param name="rawNorms">[B] ‖raw‖.</param>
    public static double OfOutputs(ReadOnlySpan<double> rawNorms)
    {
        double sum = 0;
        foreach (double norm in rawNorms)
        {
            double excess = Cosine.OutputDot(norm, norm) - 1;
            sum += excess * excess;
        }

        return sum / rawNorms.Length;
    }
}
