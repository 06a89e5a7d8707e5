namespace P6bNative.Trainer.Loss;

/// <summary>
/// The original's other terms on per-sample cosines. No mode of this version uses them; they are kept, with their golden values, for
/// comparison with the original and for the modes that add one.
/// </summary>
internal static class CosineTerms
{
    /// <summary>mean relu(m − (pos − neg)).</summary>
    public static double MarginHinge(ReadOnlySpan<double> pos, ReadOnlySpan<double> neg, double margin)
    {
        double sum = 0;
        for (int b = 0; b < pos.Length; b++)
            sum += Math.Max(margin - (pos[b] - neg[b]), 0);
        return sum / pos.Length;
    }

    /// <summary>mean softplus(γ(last − pos + m)), not divided by γ.</summary>
    public static double MicroDirectional(ReadOnlySpan<double> pos, ReadOnlySpan<double> last, double gamma, double margin)
    {
        double sum = 0;
        for (int b = 0; b < pos.Length; b++)
            sum += Softplus.Value(gamma * (last[b] - pos[b] + margin));
        return sum / pos.Length;
    }

    /// <summary>mean neg².</summary>
    public static double Orthogonality(ReadOnlySpan<double> neg)
    {
        double sum = 0;
        foreach (double cosine in neg)
            sum += cosine * cosine;
        return sum / neg.Length;
    }
}
