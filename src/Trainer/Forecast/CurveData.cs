using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Forecast;

/// <summary>Fills the raw predictions of a batch of windows.</summary>
/// <param name="contexts">count·T·D numbers.</param>
/// <param name="count">Number of windows.</param>
/// <param name="raw">count·D numbers, written.</param>
internal delegate void PredictWindows(ReadOnlySpan<float> contexts, int count, Span<float> raw);

/// <summary>Makes a <see cref="SubtractionCurve"/> from data and a predictor.</summary>
internal static class CurveData
{
    /// <summary>Windows that a curve is made of; of more, every n-th is taken.</summary>
    public const int MaxWindows = 8192;

    private const int WindowsPerBlock = 1024;

    /// <summary>The curve of the ridge baseline, fitted on the training windows, over the validation windows.</summary>
    /// <param name="device">Computes products.</param>
    /// <param name="data">The file of the training windows.</param>
    /// <param name="validation">The file of the validation windows.</param>
    /// <param name="split">Which windows those are.</param>
    /// <param name="negative">Context slot of the negative.</param>
    /// <param name="threads">Threads that solve the system; 0 = one per core.</param>
    /// <param name="stop">Gives the fit up.</param>
    /// <exception cref="InputException">The data are too large in magnitude for single precision.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was set.</exception>
    public static SubtractionCurve OfRidge(
        Device device, ISequenceSet data, ISequenceSet validation, ArticleSplit split, int negative, int threads, CancellationToken stop)
    {
        IRegressionRows rows = SequenceRows.Of(data, split.Train);
        using RidgeRegression ridge = RidgeRegression.Fit(device, rows, RidgeRegression.BaselineLambda, threads, stop);
        stop.ThrowIfCancellationRequested();
        return Read(validation, split.Validation.Span, negative, ridge.Predict);
    }

    /// <summary>The curve of a predictor over chosen windows.</summary>
    /// <param name="set">The data.</param>
    /// <param name="windows">Windows of it.</param>
    /// <param name="negative">Context slot of the negative.</param>
    /// <param name="predict">The predictor, fitted to the MSE.</param>
    public static SubtractionCurve Read(ISequenceSet set, ReadOnlySpan<int> windows, int negative, PredictWindows predict)
    {
        int every = (windows.Length + MaxWindows - 1) / MaxWindows, count = (windows.Length + every - 1) / every;
        int dimension = set.Dimension, contextSize = set.ContextLength * dimension, columns = SubtractionCurve.ColumnCount(set.ContextLength);
        var contexts = new float[WindowsPerBlock * contextSize];
        var raw = new float[WindowsPerBlock * dimension];
        var target = new float[dimension];
        var products = new double[count * columns];
        for (int first = 0; first < count; first += WindowsPerBlock)
        {
            int rows = Math.Min(WindowsPerBlock, count - first);
            for (int row = 0; row < rows; row++)
                set.CopyContext(windows[(first + row) * every], contexts.AsSpan(row * contextSize, contextSize));
            predict(contexts.AsSpan(0, rows * contextSize), rows, raw.AsSpan(0, rows * dimension));
            for (int row = 0; row < rows; row++)
            {
                set.CopyTarget(windows[(first + row) * every], target);
                SubtractionCurve.Products(
                    raw.AsSpan(row * dimension, dimension), target, contexts.AsSpan(row * contextSize, contextSize), negative,
                    products.AsSpan((first + row) * columns, columns));
            }
        }

        return new SubtractionCurve(set.ContextLength, negative, dimension, products);
    }
}
