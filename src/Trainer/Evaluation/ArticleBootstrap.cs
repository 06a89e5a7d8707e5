using System.Numerics.Tensors;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Evaluation;

/// <summary>A 95 % interval; both ends are NaN where there are less than two articles, or a draw has no sample that counts.</summary>
/// <param name="Low">2.5th percentile.</param>
/// <param name="High">97.5th percentile.</param>
internal readonly record struct Interval(double Low, double High)
{
    /// <summary>Nothing is known.</summary>
    public static Interval Unknown => new(double.NaN, double.NaN);
}

/// <summary>
/// How far a mean over samples would move with other articles: articles are drawn with replacement, as many as there are, each with all its
/// samples (so its weight is its sample count), and the interval is the 2.5th to the 97.5th percentile of the means. Samples of one article
/// overlap, so an interval over samples would be far too narrow. All statistics of one instance see the same draws. A value that is NaN
/// does not count as a sample.
/// </summary>
internal sealed class ArticleBootstrap
{
    /// <summary>Draws that the intervals of this program are taken from.</summary>
    public const int DefaultResamples = 1000;

    private const double Tail = 0.025;

    private readonly int[] _articleOfSample;
    private readonly double[][] _draws;

    /// <summary>Prepares intervals.</summary>
    /// <param name="articleOfSample">The article id of every sample.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="resamples">Number of draws.</param>
    public ArticleBootstrap(ReadOnlySpan<long> articleOfSample, ulong seed, int resamples = DefaultResamples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 1);
        var numbers = new Dictionary<long, int>();
        _articleOfSample = new int[articleOfSample.Length];
        for (int sample = 0; sample < articleOfSample.Length; sample++)
        {
            if (!numbers.TryGetValue(articleOfSample[sample], out int article))
            {
                article = numbers.Count;
                numbers.Add(articleOfSample[sample], article);
            }

            _articleOfSample[sample] = article;
        }

        Articles = numbers.Count;
        _draws = [.. Enumerable.Range(0, resamples).Select(resample => Draw(CounterRandom.Mix(seed, (ulong)resample)))];
    }

    /// <summary>Number of articles that have samples.</summary>
    public int Articles { get; }

    /// <summary>Interval of the mean of a value over the samples.</summary>
    /// <param name="values">One number a sample.</param>
    public Interval Mean(ReadOnlySpan<double> values) => Statistic(static means => means[0], values.ToArray());

    /// <summary>Interval of the mean of <paramref name="first"/> − <paramref name="second"/>, paired by sample.</summary>
    /// <param name="first">One number a sample.</param>
    /// <param name="second">One number a sample.</param>
    public Interval Difference(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var difference = new double[first.Length];
        TensorPrimitives.Subtract(first, second, difference);
        return Mean(difference);
    }

    /// <summary>Interval of a function of several means, for instance of one mean minus the largest of the others.</summary>
    /// <param name="statistic">The function of the means, one for each of <paramref name="values"/>, over the same draw.</param>
    /// <param name="values">Arrays with one number a sample.</param>
    public Interval Statistic(Func<double[], double> statistic, params ReadOnlySpan<double[]> values)
    {
        if (Articles < 2) return Interval.Unknown;
        (double[] Sums, double[] Counts)[] columns = [.. values.ToArray().Select(SumsOf)];
        var results = new double[_draws.Length];
        for (int resample = 0; resample < results.Length; resample++)
        {
            double[] draw = _draws[resample];
            results[resample] = statistic(
                [.. columns.Select(column => TensorPrimitives.Dot<double>(draw, column.Sums) / TensorPrimitives.Dot<double>(draw, column.Counts))]);
        }

        if (results.Any(double.IsNaN)) return Interval.Unknown;
        Array.Sort(results);
        return new Interval(Percentile(results, Tail), Percentile(results, 1 - Tail));
    }

    // How often each article is drawn.
    private double[] Draw(ulong key)
    {
        var times = new double[Articles];
        for (int draw = 0; draw < Articles; draw++) times[CounterRandom.Below(Articles, key, (ulong)draw)]++;
        return times;
    }

    private (double[] Sums, double[] Counts) SumsOf(double[] values)
    {
        if (values.Length != _articleOfSample.Length)
            throw new ArgumentException($"{values.Length} values for {_articleOfSample.Length} samples.", nameof(values));
        double[] sums = new double[Articles], counts = new double[Articles];
        for (int sample = 0; sample < values.Length; sample++)
        {
            if (double.IsNaN(values[sample])) continue;
            sums[_articleOfSample[sample]] += values[sample];
            counts[_articleOfSample[sample]]++;
        }

        return (sums, counts);
    }

    // Between two order statistics linearly, as numpy does.
    private static double Percentile(double[] sorted, double share)
    {
        double place = share * (sorted.Length - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
