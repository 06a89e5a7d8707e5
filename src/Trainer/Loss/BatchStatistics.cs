using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Loss;

/// <summary>
/// Cosines and norms of one batch, from the device's <see cref="LossStatistics"/>: pos = cos(raw, target), neg = cos(raw, context[slot]),
/// gap = pos − neg, ratio = gap/(|pos| + |neg| + 1e-6). The buffers are made once, for the largest batch.
/// </summary>
internal sealed class BatchStatistics
{
    /// <summary>Keeps the ratio finite where both cosines are 0.</summary>
    public const double RatioEpsilon = 1e-6;

    private readonly int _dimension;
    private readonly int _columns;
    private readonly int _slot;
    private readonly double[] _pos;
    private readonly double[] _neg;
    private readonly double[] _rawNorm;
    private readonly double[] _targetNorm;
    private readonly double[] _negativeNorm;
    private readonly double[] _targetNegative;

    /// <summary>Makes the buffers.</summary>
    /// <param name="dimension">D.</param>
    /// <param name="contextLength">T.</param>
    /// <param name="negativeSlot">The context slot that is the negative, 0 .. T−1.</param>
    /// <param name="maxBatch">Largest batch.</param>
    public BatchStatistics(int dimension, int contextLength, int negativeSlot, int maxBatch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatch, 1);
        if ((uint)negativeSlot >= (uint)contextLength)
            throw new ArgumentOutOfRangeException(nameof(negativeSlot), $"Slot {negativeSlot} is not one of the {contextLength} context slots.");
        _dimension = dimension;
        _columns = LossStatistics.Columns(contextLength);
        _slot = negativeSlot;
        _pos = new double[maxBatch];
        _neg = new double[maxBatch];
        _rawNorm = new double[maxBatch];
        _targetNorm = new double[maxBatch];
        _negativeNorm = new double[maxBatch];
        _targetNegative = new double[maxBatch];
    }

    /// <summary>B of the batch read last.</summary>
    public int Batch { get; private set; }

    /// <summary>[B] cos(raw, target).</summary>
    public ReadOnlySpan<double> Pos => _pos.AsSpan(0, Batch);

    /// <summary>[B] cos(raw, negative).</summary>
    public ReadOnlySpan<double> Neg => _neg.AsSpan(0, Batch);

    /// <summary>[B] ‖raw‖.</summary>
    public ReadOnlySpan<double> RawNorm => _rawNorm.AsSpan(0, Batch);

    /// <summary>[B] ‖target‖.</summary>
    public ReadOnlySpan<double> TargetNorm => _targetNorm.AsSpan(0, Batch);

    /// <summary>[B] ‖negative‖.</summary>
    public ReadOnlySpan<double> NegativeNorm => _negativeNorm.AsSpan(0, Batch);

    /// <summary>[B] cos(target, negative).</summary>
    public ReadOnlySpan<double> TargetNegative => _targetNegative.AsSpan(0, Batch);

    /// <summary>Σ (raw − target)²/(B·D).</summary>
    public double Mse { get; private set; }

    /// <summary>Mean of pos.</summary>
    public double MeanPos { get; private set; }

    /// <summary>Mean of neg.</summary>
    public double MeanNeg { get; private set; }

    /// <summary>Mean of pos − neg.</summary>
    public double MeanGap { get; private set; }

    /// <summary>Mean of the samples' ratios, which is not the ratio of the means.</summary>
    public double MeanRatio { get; private set; }

    /// <summary>Mean of ‖raw‖.</summary>
    public double MeanRawNorm { get; private set; }

    /// <summary>Mean cosine of output and target, as the original reports it (<see cref="Cosine.OfOutput"/>).</summary>
    public double MeanCosine { get; private set; }

    /// <summary>gap/(|pos| + |neg| + 1e-6).</summary>
    public static double Ratio(double pos, double neg) => (pos - neg) / (Math.Abs(pos) + Math.Abs(neg) + RatioEpsilon);

    /// <summary>Takes a batch.</summary>
    /// <param name="statistics">[batch, 4 + 3T] rows.</param>
    /// <param name="batch">Number of samples, 1 .. the largest batch.</param>
    /// <exception cref="ArgumentException">The rows and the batch do not fit each other, or the buffers.</exception>
    public void Read(ReadOnlySpan<double> statistics, int batch)
    {
        if (batch < 1 || batch > _pos.Length)
            throw new ArgumentOutOfRangeException(nameof(batch), $"A batch of {batch} samples; the buffers hold 1 to {_pos.Length}.");
        if (statistics.Length < batch * _columns)
            throw new ArgumentException($"{statistics.Length} statistics for {batch} samples of {_columns} columns.", nameof(statistics));

        Batch = batch;
        double error = 0, pos = 0, neg = 0, ratio = 0, norm = 0, cosine = 0;
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<double> row = statistics.Slice(b * _columns, _columns);
            double rawNorm = _rawNorm[b] = Math.Sqrt(row[LossStatistics.RawSquared]);
            double targetNorm = _targetNorm[b] = Math.Sqrt(row[LossStatistics.TargetSquared]);
            double negativeNorm = _negativeNorm[b] = Math.Sqrt(row[LossStatistics.ContextSquared(_slot)]);
            double p = _pos[b] = Cosine.InLoss(row[LossStatistics.RawTarget], rawNorm, targetNorm);
            double n = _neg[b] = Cosine.InLoss(row[LossStatistics.RawContext(_slot)], rawNorm, negativeNorm);
            _targetNegative[b] = Cosine.InLoss(row[LossStatistics.TargetContext(_slot)], targetNorm, negativeNorm);
            error += row[LossStatistics.SquaredError];
            pos += p;
            neg += n;
            ratio += Ratio(p, n);
            norm += rawNorm;
            cosine += Cosine.OfOutput(row[LossStatistics.RawTarget], rawNorm, targetNorm);
        }

        Mse = error / ((double)batch * _dimension);
        MeanPos = pos / batch;
        MeanNeg = neg / batch;
        MeanGap = (pos - neg) / batch;
        MeanRatio = ratio / batch;
        MeanRawNorm = norm / batch;
        MeanCosine = cosine / batch;
    }
}
