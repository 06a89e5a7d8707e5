using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Evaluation;

/// <summary>What <see cref="Mini5Cat"/> measured.</summary>
/// <param name="Margin">mean p·target − mean p·ctx[T−1].</param>
/// <param name="RecallAt5">Share of samples whose target is not the single worst of the bank; for five contexts the chance is 5/6 = 0.833.</param>
/// <param name="Samples">Number of samples; with none, the other two are NaN.</param>
internal readonly record struct Mini5CatResult(double Margin, double RecallAt5, int Samples);

/// <summary>
/// The per-epoch check of the original, on the first ten batches of the unshuffled validation split (at batch 32 some five articles). With
/// p the normalised output and vectors as they are stored: margin against the *last* context, ctx[4], which is not the loss's negative;
/// R@5 in the bank [ctx[0] .. ctx[4], target], where ties count against the target. Mind that R@5 rises to 1 in a collapse and is below
/// chance (0.833) in ordinary training: it is another measure than R@5 of the full 5CAT.
/// </summary>
internal sealed class Mini5Cat
{
    /// <summary>Batches that are looked at; further ones are ignored.</summary>
    public const int MaxBatches = 10;

    private const int LargestRank = 5;

    private readonly int _contextLength;
    private readonly int _columns;
    private int _batches;
    private int _samples;
    private int _hits;
    private double _target;
    private double _last;

    /// <summary>Starts with no batch.</summary>
    /// <param name="contextLength">T.</param>
    public Mini5Cat(int contextLength)
    {
        _contextLength = contextLength;
        _columns = LossStatistics.Columns(contextLength);
    }

    /// <summary>The measures so far.</summary>
    public Mini5CatResult Result => new((_target - _last) / _samples, (double)_hits / _samples, _samples);

    /// <summary>Adds a batch, the first ones of the split in order.</summary>
    /// <param name="statistics">[batch, 4 + 3T] rows of <see cref="LossStatistics"/>, from the model in evaluation mode.</param>
    /// <param name="batch">Number of samples.</param>
    public void Add(ReadOnlySpan<double> statistics, int batch)
    {
        if (_batches == MaxBatches)
            return;
        _batches++;
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<double> row = statistics.Slice(b * _columns, _columns);
            double rawNorm = Math.Sqrt(row[LossStatistics.RawSquared]);
            double target = Cosine.OutputDot(row[LossStatistics.RawTarget], rawNorm);
            int rank = 1;
            for (int slot = 0; slot < _contextLength; slot++)
            {
                // Written so that a NaN counts against the target.
                if (!(Cosine.OutputDot(row[LossStatistics.RawContext(slot)], rawNorm) < target))
                    rank++;
            }

            _samples++;
            _target += target;
            _last += Cosine.OutputDot(row[LossStatistics.RawContext(_contextLength - 1)], rawNorm);
            if (rank <= LargestRank)
                _hits++;
        }
    }

    /// <summary>Forgets every batch.</summary>
    public void Reset()
    {
        _batches = 0;
        _samples = 0;
        _hits = 0;
        _target = 0;
        _last = 0;
    }
}
