namespace P6bNative.Trainer.Forecast;

/// <summary>Where training under constant settings comes to rest: α moves towards its response until the two agree.</summary>
internal static class FixedPoint
{
    // Two fixed points nearer to each other than this are the fold itself, for all that a forecast can say.
    private const double Step = 0.01;
    private const int Halvings = 20;

    /// <summary>
    /// The first α, on the way that the response leads from <paramref name="start"/>, at which response − α changes its sign; also where it
    /// jumps across 0, as at the edge of a skip rule.
    /// </summary>
    /// <param name="response">α' for an α in [0, 1); null where the prediction no longer points to the target.</param>
    /// <param name="start">Where training begins, in [0, 1).</param>
    /// <returns>α, at least 0; null where there is none below 1, or none with a prediction.</returns>
    public static double? From(Func<double, double?> response, double start)
    {
        if (response(start) is not { } first) return null;
        if (first == start) return start;
        bool up = first > start;
        double inside = start;
        while (true)
        {
            double next = up ? inside + Step : Math.Max(inside - Step, 0);
            if (next >= 1 || response(next) is not { } there) return null;
            if (up ? there <= next : there >= next) return Bisect(response, inside, next, up);
            if (next == 0) return 0;
            inside = next;
        }
    }

    private static double Bisect(Func<double, double?> response, double inside, double outside, bool up)
    {
        for (int i = 0; i < Halvings; i++)
        {
            double middle = (inside + outside) / 2, there = response(middle) ?? middle;
            if (up ? there <= middle : there >= middle)
                outside = middle;
            else
                inside = middle;
        }

        return (inside + outside) / 2;
    }
}
