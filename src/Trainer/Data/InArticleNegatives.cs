using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Data;

/// <summary>
/// Negatives of a training step: rows of the target's article other than the target and the contexts, drawn without replacement. A function of (seed,
/// step, row in the batch), so that a resumed run repeats it.
/// </summary>
internal sealed class InArticleNegatives
{
    private readonly ArticleStore _store;
    private readonly ulong _key;
    private readonly int[] _pool;

    /// <summary>Draws from a store.</summary>
    /// <param name="store">The articles.</param>
    /// <param name="count">K: the most negatives of a sequence.</param>
    /// <param name="seed">Seed of the run's negatives.</param>
    public InArticleNegatives(ArticleStore store, int count, ulong seed)
    {
        _store = store;
        Count = count;
        _key = seed;
        _pool = new int[store.LongestArticle];
    }

    /// <summary>K.</summary>
    public int Count { get; }

    /// <summary>Draws the negatives of a batch.</summary>
    /// <param name="sequences">The sequences of the batch.</param>
    /// <param name="step">Number of the training step.</param>
    /// <param name="vectors">At least sequences·K·D floats; the drawn ones are written from each sequence's own [K,D] on.</param>
    /// <param name="counts">As many as sequences, written: K, or fewer where the article has no more.</param>
    public void Fill(ReadOnlySpan<int> sequences, long step, Span<float> vectors, Span<int> counts)
    {
        int dimension = _store.Dimension;
        ulong stepKey = CounterRandom.Mix(_key, (ulong)step);
        for (int b = 0; b < sequences.Length; b++)
        {
            int pool = FillPool(_store.PlaceOf(sequences[b]));
            counts[b] = Math.Min(Count, pool);
            ulong key = CounterRandom.Mix(stepKey, (ulong)b);
            for (int k = 0; k < counts[b]; k++)
            {
                int j = k + CounterRandom.Below(pool - k, key, (ulong)k);
                (_pool[k], _pool[j]) = (_pool[j], _pool[k]);
                _store.CopyRow(_pool[k], vectors.Slice((b * Count + k) * dimension, dimension));
            }
        }
    }

    private int FillPool(WindowPlace window)
    {
        ReadOnlySpan<int> rows = _store.RowsOf(window.Article);
        int count = 0;
        for (int place = 0; place < rows.Length; place++)
        {
            if (!window.Holds(place)) _pool[count++] = rows[place];
        }

        return count;
    }
}
