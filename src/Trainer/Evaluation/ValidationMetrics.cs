using System.Collections.Immutable;
using P6bNative.Kernels.Operations;
using CosineOf = P6bNative.Trainer.Loss.Cosine;

namespace P6bNative.Trainer.Evaluation;

/// <summary>
/// Validation loss and cosine as the original takes them: MSE of the *normalised* output against the target (training takes the raw output)
/// and mean cosine, per batch, then the mean over the batches, so that a smaller last batch weighs as much as the others.
/// </summary>
internal sealed class ValidationMetrics
{
    private readonly int _dimension;
    private readonly int _columns;
    private double _loss;
    private double _cosine;
    private readonly double[] _margins;
    private long _windows;

    /// <summary>Starts with no batch.</summary>
    /// <param name="dimension">D.</param>
    /// <param name="contextLength">T.</param>
    public ValidationMetrics(int dimension, int contextLength)
    {
        _dimension = dimension;
        _columns = LossStatistics.Columns(contextLength);
        _margins = new double[contextLength];
    }

    /// <summary>Batches so far.</summary>
    public int Batches { get; private set; }

    /// <summary>Mean over the batches of the mean of (p − target)², p = raw/‖raw‖; NaN before the first batch.</summary>
    public double Loss => _loss / Batches;

    /// <summary>Mean over the batches of the mean cosine; NaN before the first batch.</summary>
    public double Cosine => _cosine / Batches;

    /// <summary>Mean over the windows (not the batches) of p·target − p·ctx[i], a slot each.</summary>
    public ImmutableArray<double> Margins => [.. _margins.Select(sum => sum / _windows)];

    /// <summary>Adds a batch.</summary>
    /// <param name="statistics">[batch, 4 + 3T] rows of <see cref="LossStatistics"/>, from the model in evaluation mode.</param>
    /// <param name="batch">Number of samples, at least 1.</param>
    public void Add(ReadOnlySpan<double> statistics, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        double error = 0, cosine = 0;
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<double> row = statistics.Slice(b * _columns, _columns);
            double rawNorm = Math.Sqrt(row[LossStatistics.RawSquared]);
            double targetSquared = row[LossStatistics.TargetSquared];
            double outputNorm = CosineOf.OutputDot(rawNorm, rawNorm);
            double squared = outputNorm * outputNorm - 2 * CosineOf.OutputDot(row[LossStatistics.RawTarget], rawNorm) + targetSquared;
            // The statistics are sums in float32: without the bound a perfect output could come out below 0.
            error += Math.Max(squared, 0);
            cosine += CosineOf.OfOutput(row[LossStatistics.RawTarget], rawNorm, Math.Sqrt(targetSquared));
            double target = CosineOf.OutputDot(row[LossStatistics.RawTarget], rawNorm);
            for (int slot = 0; slot < _margins.Length; slot++)
                _margins[slot] += target - CosineOf.OutputDot(row[LossStatistics.RawContext(slot)], rawNorm);
        }

        _loss += error / ((double)batch * _dimension);
        _cosine += cosine / batch;
        _windows += batch;
        Batches++;
    }

    /// <summary>Forgets every batch.</summary>
    public void Reset()
    {
        Batches = 0;
        _loss = 0;
        _cosine = 0;
        _windows = 0;
        Array.Clear(_margins);
    }
}
