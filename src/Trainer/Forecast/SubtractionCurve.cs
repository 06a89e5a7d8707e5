using System.Numerics.Tensors;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Forecast;

/// <summary>
/// The predictions μ − α·q of many windows for any α, without their vectors: μ is the raw output of a predictor that was fitted to the MSE, q
/// the negative, a context slot. All cosines follow from the windows' scalar products.
/// </summary>
internal sealed class SubtractionCurve
{
    private readonly int _slots;
    private readonly int _negative;
    private readonly int _columns;
    private readonly double[] _products;

    /// <param name="slots">T, context slots of a window.</param>
    /// <param name="negative">Slot of q, 0 .. T−1.</param>
    /// <param name="dimension">D.</param>
    /// <param name="products">[windows, 3 + 4T], rows made by <see cref="Products"/>.</param>
    public SubtractionCurve(int slots, int negative, int dimension, double[] products)
    {
        _slots = slots;
        _negative = negative;
        Dimension = dimension;
        _columns = ColumnCount(slots);
        _products = products;
        Windows = products.Length / _columns;
    }

    /// <summary>Number of windows.</summary>
    public int Windows { get; }

    /// <summary>Components D of a vector.</summary>
    public int Dimension { get; }

    /// <summary>T, context slots of a window.</summary>
    public int Slots => _slots;

    /// <summary>Slot of q.</summary>
    public int Negative => _negative;

    /// <summary>Scalar products kept of a window: μ·μ, t·t, μ·t and for every slot i: μ·cᵢ, q·cᵢ, t·cᵢ, cᵢ·cᵢ.</summary>
    public static int ColumnCount(int slots) => 3 + 4 * slots;

    /// <summary>The scalar products of one window.</summary>
    /// <param name="mean">μ, D numbers.</param>
    /// <param name="target">t, D numbers.</param>
    /// <param name="context">T·D numbers, oldest vector first.</param>
    /// <param name="negative">Slot of q.</param>
    /// <param name="row">3 + 4T numbers, written.</param>
    public static void Products(ReadOnlySpan<float> mean, ReadOnlySpan<float> target, ReadOnlySpan<float> context, int negative, Span<double> row)
    {
        int dimension = mean.Length;
        ReadOnlySpan<float> q = context.Slice(negative * dimension, dimension);
        row[0] = TensorPrimitives.Dot(mean, mean);
        row[1] = TensorPrimitives.Dot(target, target);
        row[2] = TensorPrimitives.Dot(mean, target);
        for (int slot = 0; slot < context.Length / dimension; slot++)
        {
            ReadOnlySpan<float> c = context.Slice(slot * dimension, dimension);
            Span<double> products = row.Slice(3 + 4 * slot, 4);
            products[0] = TensorPrimitives.Dot(mean, c);
            products[1] = TensorPrimitives.Dot(q, c);
            products[2] = TensorPrimitives.Dot(target, c);
            products[3] = TensorPrimitives.Dot(c, c);
        }
    }

    /// <summary>
    /// The statistics of one batch of all windows whose raw outputs are r·(μ − αq)/‖μ − αq‖, with the one norm r that makes the MSE smallest:
    /// the mean of p·t, which is the mean cosine c where targets are unit vectors.
    /// </summary>
    /// <param name="alpha">α</param>
    /// <param name="statistics">[windows, 4 + 3T], columns of <see cref="LossStatistics"/>, written.</param>
    /// <returns>r; where it is 0 or less the statistics are of outputs that point away from the targets, and nothing is written.</returns>
    public double WriteStatistics(double alpha, Span<double> statistics)
    {
        double total = 0;
        for (int window = 0; window < Windows; window++)
        {
            ReadOnlySpan<double> products = _products.AsSpan(window * _columns, _columns);
            total += (products[2] - alpha * products[3 + 4 * _negative + 2]) / Norm(products, alpha);
        }

        double norm = total / Windows;
        if (!(norm > 0))
            return norm;
        int columns = LossStatistics.Columns(_slots);
        for (int window = 0; window < Windows; window++)
        {
            ReadOnlySpan<double> products = _products.AsSpan(window * _columns, _columns);
            Span<double> row = statistics.Slice(window * columns, columns);
            double scale = norm / Norm(products, alpha);
            double rawTarget = scale * (products[2] - alpha * products[3 + 4 * _negative + 2]);
            row[LossStatistics.SquaredError] = norm * norm - 2 * rawTarget + products[1];
            row[LossStatistics.RawSquared] = norm * norm;
            row[LossStatistics.TargetSquared] = products[1];
            row[LossStatistics.RawTarget] = rawTarget;
            for (int slot = 0; slot < _slots; slot++)
            {
                ReadOnlySpan<double> ofSlot = products.Slice(3 + 4 * slot, 4);
                row[LossStatistics.RawContext(slot)] = scale * (ofSlot[0] - alpha * ofSlot[1]);
                row[LossStatistics.TargetContext(slot)] = ofSlot[2];
                row[LossStatistics.ContextSquared(slot)] = ofSlot[3];
            }
        }

        return norm;
    }

    /// <summary>‖μ − αq‖; never 0, so that an output of nothing has cosine 0.</summary>
    private double Norm(ReadOnlySpan<double> products, double alpha)
    {
        ReadOnlySpan<double> negative = products.Slice(3 + 4 * _negative, 4);
        double square = products[0] - 2 * alpha * negative[0] + alpha * alpha * negative[3];
        return Math.Sqrt(Math.Max(square, double.Epsilon));
    }
}
