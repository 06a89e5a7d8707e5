using System.Globalization;

namespace P6bNative.Trainer.Building;

/// <summary>
/// A stationary stream with given correlations at lags 1..L: a part that stays the same in an article, the floor, and around it an
/// autoregressive process of order L. The floor carries the last decline on by its own step: 2·c(L) - c(L-1), not below 0; Wikipedia's
/// .353, .342 give .331 (p6b-facts 10.1). Where that leaves no process, it is halved until one exists.
/// </summary>
internal sealed class LagModel
{
    private const double SmallestInnovation = 1e-6;

    private readonly double[][] _weights;
    private readonly double[] _deviations;

    private LagModel(double floor, double[][] weights, double[] deviations)
    {
        Floor = floor;
        _weights = weights;
        _deviations = deviations;
    }

    /// <summary>Correlation that stays between any two chunks of an article.</summary>
    public double Floor { get; }

    /// <summary>Lags that the next value depends on.</summary>
    public int Order => _weights.Length - 1;

    /// <summary>Finds the process.</summary>
    /// <param name="correlations">At lags 1..L.</param>
    /// <exception cref="InputException">No stream has these; the message names the first lag that contradicts those before it.</exception>
    public static LagModel Of(IReadOnlyList<double> correlations)
    {
        (double[][] weights, double[] deviations)? plain = Solve(correlations, out string refusal);
        if (plain is null)
            throw new InputException(refusal);
        double floor = correlations.Count < 2 ? 0 : Math.Clamp(2 * correlations[^1] - correlations[^2], 0, Math.Max(0, correlations[^1]));
        for (; floor > 1e-3; floor /= 2)
        {
            double share = floor;
            if (Solve([.. correlations.Select(correlation => (correlation - share) / (1 - share))], out _) is { } found)
                return new LagModel(floor, found.Weights, found.Deviations);
        }
        return new LagModel(0, plain.Value.weights, plain.Value.deviations);
    }

    /// <summary>Weights of the values before, the latest first, when so many are known (0..<see cref="Order"/>).</summary>
    public ReadOnlySpan<double> WeightsAfter(int known) => _weights[known];

    /// <summary>Standard deviation of what is new in a value of variance 1, when so many values before it are known.</summary>
    public double DeviationAfter(int known) => _deviations[known];

    // Levinson's recursion: the best linear forecast from 0, 1, .. L values. Each lag may lie as far around the forecast of the lags before
    // as the variance left over; with all of them used the stream starts stationary.
    private static (double[][] Weights, double[] Deviations)? Solve(IReadOnlyList<double> correlations, out string refusal)
    {
        var weights = new double[correlations.Count + 1][];
        var deviations = new double[correlations.Count + 1];
        weights[0] = [];
        deviations[0] = 1;
        double variance = 1;
        for (int order = 1; order <= correlations.Count; order++)
        {
            double[] before = weights[order - 1];
            double expected = before.Select((weight, i) => weight * correlations[order - 2 - i]).Sum();
            double reflection = (correlations[order - 1] - expected) / variance;
            if (!(Math.Abs(reflection) < 1) || variance * (1 - reflection * reflection) < SmallestInnovation)
            {
                string asked = string.Join(", ", correlations.Select(correlation => correlation.ToString(CultureInfo.InvariantCulture)));
                refusal = string.Create(CultureInfo.InvariantCulture,
                    $"--lags: no stream has lag cosines {asked}: lag {order} must lie between {expected - variance:F3} and {expected + variance:F3}")
                    + (order > 1 ? ", given the lags before it" : "");
                return null;
            }
            weights[order] = [.. before.Select((weight, i) => weight - reflection * before[order - 2 - i]), reflection];
            variance *= 1 - reflection * reflection;
            deviations[order] = Math.Sqrt(variance);
        }
        refusal = "";
        return (weights, deviations);
    }
}
