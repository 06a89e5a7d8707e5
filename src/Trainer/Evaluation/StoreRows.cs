using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation;

/// <summary>The regression of the target on the five contexts side by side, over chosen windows of a store.</summary>
/// <param name="store">The store.</param>
/// <param name="sequences">Sequences of it, in the order of the rows.</param>
internal sealed class StoreRows(ArticleStore store, ReadOnlyMemory<int> sequences) : IWindowRows
{
    public int Count => sequences.Length;

    public int InputWidth => store.ContextLength * store.Dimension;

    public int OutputWidth => store.Dimension;

    public int TargetSlot => store.ContextLength + store.TargetOffset;

    public int StartOf(int row) => store.StartOf(sequences.Span[row]);

    public void CopyVector(int row, int slot, Span<float> vector) => store.CopyRow(store.WindowRowOf(sequences.Span[row], slot), vector);

    public void Fill(int first, int count, Span<float> inputs, Span<float> outputs)
    {
        int slots = store.ContextLength, dimension = store.Dimension;
        for (int row = 0; row < count; row++)
        {
            for (int slot = 0; slot < slots; slot++)
                CopyVector(first + row, slot, inputs.Slice((row * slots + slot) * dimension, dimension));
            CopyVector(first + row, TargetSlot, outputs.Slice(row * dimension, dimension));
        }
    }
}
