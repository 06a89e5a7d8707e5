namespace P6bNative.Trainer.Data;

/// <summary>Gathers the vectors of a batch; allocates nothing.</summary>
public sealed class BatchLoader
{
    private readonly ISequenceSet _set;

    /// <summary>Loads batches of a set.</summary>
    /// <param name="set">The sequences.</param>
    /// <param name="batchSize">Rows of a full batch, at least 1.</param>
    public BatchLoader(ISequenceSet set, int batchSize)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        _set = set;
        BatchSize = batchSize;
    }

    /// <summary>Rows of a full batch.</summary>
    public int BatchSize { get; }

    /// <summary>Components of a vector, D.</summary>
    public int Dimension => _set.Dimension;

    /// <summary>Batches that hold so many sequences; the last may be partial.</summary>
    public int BatchCount(int sequences) => (int)(((long)sequences + BatchSize - 1) / BatchSize);

    /// <summary>Loads a batch as it is, for validation and evaluation.</summary>
    /// <param name="order">The sequences of the epoch.</param>
    /// <param name="batch">0 to <see cref="BatchCount"/> - 1.</param>
    /// <param name="contexts">At least BatchSize·5·D floats; [rows,5,D] are written.</param>
    /// <param name="targets">At least BatchSize·D floats; [rows,D] are written.</param>
    /// <returns>The number of rows written: BatchSize, or less in the last batch.</returns>
    /// <exception cref="InputException">The file has become unreadable since it was opened.</exception>
    public int Fill(ReadOnlySpan<int> order, int batch, Span<float> contexts, Span<float> targets) =>
        Fill(order, batch, default, 0, contexts, targets);

    /// <summary>Loads a training batch, with corruption of the last context.</summary>
    /// <param name="order">The sequences of the epoch.</param>
    /// <param name="batch">0 to <see cref="BatchCount"/> - 1.</param>
    /// <param name="noise">The corruption.</param>
    /// <param name="step">Number of the training step, which with the row decides the corruption.</param>
    /// <param name="contexts">At least BatchSize·5·D floats; [rows,5,D] are written.</param>
    /// <param name="targets">At least BatchSize·D floats; [rows,D] are written.</param>
    /// <returns>The number of rows written: BatchSize, or less in the last batch.</returns>
    /// <exception cref="InputException">The file has become unreadable since it was opened.</exception>
    public int Fill(ReadOnlySpan<int> order, int batch, LastSlotNoise noise, long step, Span<float> contexts, Span<float> targets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(batch);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(batch, BatchCount(order.Length));
        int first = batch * BatchSize;
        int rows = Math.Min(BatchSize, order.Length - first);
        int contextLength = _set.ContextLength * Dimension;
        for (int row = 0; row < rows; row++)
        {
            int sequence = order[first + row];
            Span<float> context = contexts.Slice(row * contextLength, contextLength);
            _set.CopyContext(sequence, context);
            noise.Apply(step, row, context);
            _set.CopyTarget(sequence, targets.Slice(row * Dimension, Dimension));
        }
        return rows;
    }
}
