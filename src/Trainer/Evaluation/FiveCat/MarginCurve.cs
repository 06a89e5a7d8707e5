namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// The mean margin, cosine to the target minus cosine to q = ctx[4], of norm(μ − α·q) for any α, where μ is a raw prediction: it follows from
/// each sample's μ·μ, μ·t, μ·q and t·q. With μ = E[t|context] these predictions have the largest cosine that any predictor of their margin can
/// have, and α = κ/(1 + κ), κ the price of the margin: so α below 1 is all of it, and the margin rises with α.
/// </summary>
/// <param name="norm">‖μ‖ of every sample.</param>
/// <param name="target">Its cosine to the target t.</param>
/// <param name="last">Its cosine to q.</param>
/// <param name="targetToLast">t·q.</param>
internal sealed class MarginCurve(double[] norm, double[] target, double[] last, double[] targetToLast)
{
    /// <summary>α is looked for from here, where a prediction is as good as ctx[4] ..</summary>
    public const double LowestAlpha = -4;

    /// <summary>.. to here.</summary>
    public const double HighestAlpha = 1;

    // 4·2⁻⁵⁰ moves a margin by no more than its rounding.
    private const int Halvings = 50;

    private const double Nothing = 1e-12;

    /// <summary>The mean margin at α.</summary>
    public double At(double alpha)
    {
        double sum = 0;
        for (int i = 0; i < norm.Length; i++)
        {
            double toTarget = norm[i] * target[i], toLast = norm[i] * last[i];
            double square = norm[i] * norm[i] - 2 * alpha * toLast + alpha * alpha;
            // Where μ is α·q but for rounding nothing is left, and nothing has no cosine.
            if (square > Nothing) sum += (toTarget - toLast - alpha * (targetToLast[i] - 1)) / Math.Sqrt(square);
        }

        return sum / norm.Length;
    }

    /// <summary>The α that has a margin, on the side of 0 where it must lie if the margin rises with α; NaN where it is out of reach there.</summary>
    public double AlphaAt(double margin)
    {
        bool isAbove = margin >= At(0);
        double low = isAbove ? 0 : LowestAlpha, high = isAbove ? HighestAlpha : 0;
        if (!(At(low) <= margin && margin <= At(high))) return double.NaN;
        for (int halving = 0; halving < Halvings; halving++)
        {
            double middle = (low + high) / 2;
            if (At(middle) < margin) low = middle;
            else high = middle;
        }

        return high;
    }
}
