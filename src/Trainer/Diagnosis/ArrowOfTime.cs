using System.Numerics.Tensors;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>How much better the future is foretold than the past.</summary>
/// <param name="Windows">Windows scored.</param>
/// <param name="Articles">Articles they are of.</param>
/// <param name="Forward">Mean cosine of the forward prediction and the row it predicts; NaN without windows.</param>
/// <param name="Backward">Mean cosine of the backward prediction and the row it predicts; NaN without windows.</param>
/// <param name="Interval">95 % interval of forward - backward over articles (bootstrap).</param>
internal sealed record ArrowMeans(int Windows, int Articles, double Forward, double Backward, Interval Interval)
{
    public double Difference => Forward - Backward;
}

/// <summary>The test on articles that were not fitted.</summary>
/// <param name="Path">The held-out file.</param>
/// <param name="All">All windows.</param>
/// <param name="Interior">
/// Windows with at least <see cref="ArrowOfTime.EdgeRows"/> rows before and after them in their article: openings and endings are unlike the rest
/// of a text, which also tells the directions apart, but is no direction between one chunk and the next.
/// </param>
internal sealed record ArrowScore(string Path, ArrowMeans All, ArrowMeans Interior);

/// <summary>
/// A fair test for an arrow of time: on the same windows t-6 .. t, one ridge regression predicts row t from rows t-6 .. t-2, another row t-6
/// from rows t .. t-4. Both have the same rows, the same number of weights and the same penalty; only the direction differs. Of a stream
/// that is the same in both directions the difference of their mean cosines on new articles is 0 but for chance.
/// </summary>
internal sealed class ArrowOfTime : IDisposable
{
    /// <summary>Rows between an interior window and either end of its article.</summary>
    public const int EdgeRows = 3;

    private const int BatchSize = 1024;

    private readonly RidgeRegression _forward;
    private readonly RidgeRegression _backward;

    private ArrowOfTime(RidgeRegression forward, RidgeRegression backward, int fittedWindows)
    {
        _forward = forward;
        _backward = backward;
        FittedWindows = fittedWindows;
    }

    /// <summary>Windows that both regressions were fitted on.</summary>
    public int FittedWindows { get; }

    public static ArrowOfTime Fit(Device device, ArticleStore store, ReadOnlyMemory<int> sequences, int threads)
    {
        RidgeRegression forward = RidgeRegression.Fit(device, new ArrowRows(store, sequences, backward: false), RidgeRegression.BaselineLambda, threads);
        try
        {
            RidgeRegression backward = RidgeRegression.Fit(device, new ArrowRows(store, sequences, backward: true), RidgeRegression.BaselineLambda, threads);
            return new ArrowOfTime(forward, backward, sequences.Length);
        }
        catch
        {
            forward.Dispose();
            throw;
        }
    }

    /// <summary>Scores both on held-out windows.</summary>
    /// <param name="store">The store they are of.</param>
    /// <param name="sequences">Which windows, ascending: all of some articles.</param>
    /// <param name="seed">Of the draws of articles.</param>
    public ArrowScore Score(ArticleStore store, ReadOnlyMemory<int> sequences, ulong seed)
    {
        double[] forward = Cosines(_forward, new ArrowRows(store, sequences, backward: false));
        double[] backward = Cosines(_backward, new ArrowRows(store, sequences, backward: true));
        var articles = new long[sequences.Length];
        for (int i = 0; i < articles.Length; i++)
            articles[i] = store.ArticleOf(sequences.Span[i]);
        return new ArrowScore(store.Path, Means([.. Enumerable.Range(0, articles.Length)]), Means(InteriorOf(articles)));

        ArrowMeans Means(int[] windows)
        {
            if (windows.Length == 0)
                return new ArrowMeans(0, 0, double.NaN, double.NaN, Interval.Unknown);
            double[] ahead = [.. windows.Select(i => forward[i])];
            double[] back = [.. windows.Select(i => backward[i])];
            var bootstrap = new ArticleBootstrap([.. windows.Select(i => articles[i])], seed);
            return new ArrowMeans(windows.Length, bootstrap.Articles, ahead.Average(), back.Average(), bootstrap.Difference(ahead, back));
        }
    }

    // The windows of an article are numbered one after the other, so those EdgeRows from both ends of its run are that far from its ends.
    private static int[] InteriorOf(long[] articles) => [.. Enumerable.Range(EdgeRows, Math.Max(0, articles.Length - 2 * EdgeRows))
        .Where(i => articles[i - EdgeRows] == articles[i] && articles[i + EdgeRows] == articles[i])];

    /// <inheritdoc/>
    public void Dispose()
    {
        _forward.Dispose();
        _backward.Dispose();
    }

    private static double[] Cosines(RidgeRegression regression, ArrowRows rows)
    {
        int dimension = rows.OutputWidth;
        var inputs = new float[BatchSize * rows.InputWidth];
        var targets = new float[BatchSize * dimension];
        var predictions = new float[BatchSize * dimension];
        var cosines = new double[rows.Count];
        for (int first = 0; first < rows.Count; first += BatchSize)
        {
            int count = Math.Min(BatchSize, rows.Count - first);
            rows.Fill(first, count, inputs, targets);
            regression.Predict(inputs.AsSpan(0, count * rows.InputWidth), count, predictions.AsSpan(0, count * dimension));
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<float> prediction = predictions.AsSpan(i * dimension, dimension), target = targets.AsSpan(i * dimension, dimension);
                double norms = Math.Sqrt((double)TensorPrimitives.SumOfSquares(prediction) * TensorPrimitives.SumOfSquares(target));
                // A prediction of 0, from inputs the regression never saw, has no direction.
                cosines[first + i] = norms > 0 ? TensorPrimitives.Dot(prediction, target) / norms : 0;
            }
        }
        return cosines;
    }
}
