using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>
/// The regression of one end of a window on the five rows at its other end. Forward: rows 0..4 tell the last row, as a model does.
/// Backward: the mirror image, the last five rows in reverse order tell row 0.
/// </summary>
/// <param name="store">The windows: five contexts, the skipped rows and the target, all of one article.</param>
/// <param name="sequences">Which windows.</param>
/// <param name="backward">Against the order of the document.</param>
internal sealed class ArrowRows(ArticleStore store, ReadOnlyMemory<int> sequences, bool backward) : IRegressionRows
{
    public int Count => sequences.Length;

    public int InputWidth => SequenceSet.ContextLength * store.Dimension;

    public int OutputWidth => store.Dimension;

    public void Fill(int first, int count, Span<float> inputs, Span<float> outputs)
    {
        for (int i = 0; i < count; i++)
        {
            int sequence = sequences.Span[first + i];
            for (int slot = 0; slot < SequenceSet.ContextLength; slot++)
                store.CopyRow(Row(sequence, slot), inputs.Slice(i * InputWidth + slot * OutputWidth, OutputWidth));
            store.CopyRow(Row(sequence, LastPlace), outputs.Slice(i * OutputWidth, OutputWidth));
        }
    }

    private int LastPlace => SequenceSet.ContextLength + store.TargetOffset;

    private int Row(int sequence, int place) => store.WindowRowOf(sequence, backward ? LastPlace - place : place);
}
