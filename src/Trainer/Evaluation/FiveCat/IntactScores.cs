using System.Numerics.Tensors;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// What predictions from unchanged contexts scored on the samples of a <see cref="SampleChoice"/>, in its order; NaN, and rank 0, where none was added.
/// </summary>
internal sealed class IntactScores
{
    /// <summary>Makes room.</summary>
    /// <param name="count">Number of samples.</param>
    public IntactScores(int count)
    {
        Offset = [.. Enumerable.Range(0, 2 * SampleChoice.Reach + 1).Select(_ => SampleScores.Column(count))];
        Target = SampleScores.Column(count);
        Last = SampleScores.Column(count);
        Norm = SampleScores.Column(count);
        Rank = new int[count];
        RankWithoutContexts = new int[count];
    }

    /// <summary>Cosine to the row k places after the target, k = −3 .. 3.</summary>
    public double[][] Offset { get; }

    /// <summary>Cosine to the target.</summary>
    public double[] Target { get; }

    /// <summary>Cosine to ctx[4].</summary>
    public double[] Last { get; }

    /// <summary>‖raw‖, the length of the prediction before it was normalised.</summary>
    public double[] Norm { get; }

    /// <summary>Rank of the target among the rows of its article: 1 + rows that are strictly nearer.</summary>
    public int[] Rank { get; }

    /// <summary>The same, the context vectors left out.</summary>
    public int[] RankWithoutContexts { get; }

    /// <summary>Scores one prediction.</summary>
    /// <param name="block">The vectors.</param>
    /// <param name="i">The sample in the block.</param>
    /// <param name="index">The sample in the choice.</param>
    /// <param name="prediction">D numbers, normalised.</param>
    /// <param name="norm">Its length before.</param>
    public void Add(SampleBlock block, int i, int index, ReadOnlySpan<double> prediction, double norm)
    {
        int position = block.Position(i);
        Norm[index] = norm;
        Target[index] = TensorPrimitives.Dot(prediction, block.Target(i));
        Last[index] = TensorPrimitives.Dot(prediction, block.Context(i, SampleBlock.Slots - 1));
        double target = TensorPrimitives.Dot(prediction, block.Row(i, position));
        int nearer = 0, nearerWithoutContexts = 0;
        for (int row = 0; row < block.RowCount(i); row++)
        {
            double cosine = row == position ? target : TensorPrimitives.Dot(prediction, block.Row(i, row));
            int offset = row - position + SampleChoice.Reach;
            if (offset >= 0 && offset < Offset.Length) Offset[offset][index] = cosine;
            if (!(cosine > target)) continue;
            nearer++;
            if (!block.IsContext[i][row]) nearerWithoutContexts++;
        }

        Rank[index] = 1 + nearer;
        RankWithoutContexts[index] = 1 + nearerWithoutContexts;
    }
}
