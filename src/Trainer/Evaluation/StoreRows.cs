using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation;

/// <summary>The regression over chosen windows of a store, which can overlap.</summary>
internal sealed class StoreRows : SequenceRows, IWindowRows
{
    private readonly ArticleStore _store;

    /// <param name="store">The store.</param>
    /// <param name="sequences">Sequences of it, in the order of the rows.</param>
    public StoreRows(ArticleStore store, ReadOnlyMemory<int> sequences)
        : base(store, sequences)
    {
        _store = store;
    }

    public int TargetSlot => _store.ContextLength + _store.TargetOffset;

    public int StartOf(int row) => _store.StartOf(SequenceOf(row));

    public void CopyVector(int row, int slot, Span<float> vector) => _store.CopyRow(_store.WindowRowOf(SequenceOf(row), slot), vector);
}
