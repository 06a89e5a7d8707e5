using System.Numerics.Tensors;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Evaluation;

/// <summary>A 95 % interval; both ends are NaN where there is less than two articles.</summary>
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
/// overlap, so an interval over samples would be far too narrow. All statistics of one instance see the same draws.
/// </summary>
internal sealed class ArticleBootstrap
{
    /// <summary>Draws that the intervals of this program are taken from.</summary>
    public const int DefaultResamples = 1000;

    private const double Tail = 0.025;

    private readonly int[] _articleOfSample;
    private readonly int[] _samplesOfArticle;
    private readonly ulong _key;
    private readonly int _resamples;

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

        _samplesOfArticle = new int[numbers.Count];
        foreach (int article in _articleOfSample) _samplesOfArticle[article]++;
        _key = seed;
        _resamples = resamples;
    }

    /// <summary>Number of articles that have samples.</summary>
    public int Articles => _samplesOfArticle.Length;

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
        int columns = values.Length;
        var sums = new double[Articles * columns];
        for (int column = 0; column < columns; column++)
        {
            if (values[column].Length != _articleOfSample.Length)
                throw new ArgumentException($"{values[column].Length} values for {_articleOfSample.Length} samples.", nameof(values));
            for (int sample = 0; sample < _articleOfSample.Length; sample++)
                sums[_articleOfSample[sample] * columns + column] += values[column][sample];
        }

        var results = new double[_resamples];
        var means = new double[columns];
        for (int resample = 0; resample < _resamples; resample++)
        {
            ulong key = CounterRandom.Mix(_key, (ulong)resample);
            Array.Clear(means);
            long count = 0;
            for (int draw = 0; draw < Articles; draw++)
            {
                // The high word of bits·n is uniform on 0..n-1 up to a bias of n·2⁻⁶⁴.
                int article = (int)Math.BigMul(CounterRandom.Mix(key, (ulong)draw), (ulong)Articles, out _);
                count += _samplesOfArticle[article];
                for (int column = 0; column < columns; column++) means[column] += sums[article * columns + column];
            }

            for (int column = 0; column < columns; column++) means[column] /= count;
            results[resample] = statistic(means);
        }

        Array.Sort(results);
        return new Interval(Percentile(results, Tail), Percentile(results, 1 - Tail));
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
