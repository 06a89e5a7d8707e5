using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation;

/// <summary>Rows of a linear regression, read in blocks: inputs X [Count, InputWidth] and outputs Y [Count, OutputWidth].</summary>
internal interface IRegressionRows
{
    /// <summary>Number of rows, at least 1.</summary>
    int Count { get; }

    /// <summary>Columns of X.</summary>
    int InputWidth { get; }

    /// <summary>Columns of Y.</summary>
    int OutputWidth { get; }

    /// <summary>Copies rows [first, first + count), row after row.</summary>
    /// <param name="first">First row.</param>
    /// <param name="count">Number of rows.</param>
    /// <param name="inputs">count·InputWidth numbers, written.</param>
    /// <param name="outputs">count·OutputWidth numbers, written.</param>
    void Fill(int first, int count, Span<float> inputs, Span<float> outputs);
}

/// <summary>
/// Rows that are windows of one sequence of vectors of OutputWidth numbers: X holds those at the first slots of the window side by side, Y the
/// one at a later slot. Windows whose starts differ by 1 have all but one vector in common at each end.
/// </summary>
internal interface IWindowRows : IRegressionRows
{
    /// <summary>Slot of Y, counted from the start of the window; X has the slots 0 .. InputWidth/OutputWidth − 1 before it.</summary>
    int TargetSlot { get; }

    /// <summary>Where in the sequence of vectors the window of a row begins.</summary>
    int StartOf(int row);

    /// <summary>Copies the vector at a slot of a row, 0 .. <see cref="TargetSlot"/>; also one between X and Y.</summary>
    void CopyVector(int row, int slot, Span<float> vector);
}

/// <summary>The regression of the target on the five contexts side by side, over chosen sequences of a set.</summary>
/// <param name="set">The set.</param>
/// <param name="sequences">Sequences of it, in the order of the rows.</param>
internal class SequenceRows(ISequenceSet set, ReadOnlyMemory<int> sequences) : IRegressionRows
{
    /// <summary>The regression over sequences of a set; those of a store are known to be windows.</summary>
    public static IRegressionRows Of(ISequenceSet set, ReadOnlyMemory<int> sequences) =>
        set is ArticleStore store ? new StoreRows(store, sequences) : new SequenceRows(set, sequences);

    public int Count => sequences.Length;

    public int InputWidth => set.ContextLength * set.Dimension;

    public int OutputWidth => set.Dimension;

    public void Fill(int first, int count, Span<float> inputs, Span<float> outputs)
    {
        for (int row = 0; row < count; row++)
        {
            int sequence = SequenceOf(first + row);
            set.CopyContext(sequence, inputs.Slice(row * InputWidth, InputWidth));
            set.CopyTarget(sequence, outputs.Slice(row * OutputWidth, OutputWidth));
        }
    }

    /// <summary>The sequence that a row is taken from.</summary>
    protected int SequenceOf(int row) => sequences.Span[row];
}
