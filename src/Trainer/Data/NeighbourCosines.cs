using System.Numerics.Tensors;

namespace P6bNative.Trainer.Data;

/// <summary>Mean cosines of vectors near each other in a document.</summary>
internal static class NeighbourCosines
{
    private const int LargestLag = 5;

    /// <summary>Of all pairs of rows 1 to 5 apart in the same article.</summary>
    public static IReadOnlyList<MeanCosine> AtLags(ArticleStore store)
    {
        var sums = new double[LargestLag];
        var pairs = new long[LargestLag];
        var recent = new float[LargestLag + 1][];
        for (int i = 0; i < recent.Length; i++)
            recent[i] = new float[store.Dimension];
        for (int article = 0; article < store.ArticleCount; article++)
        {
            ReadOnlySpan<int> rows = store.RowsOf(article);
            for (int i = 0; i < rows.Length; i++)
            {
                float[] current = recent[i % recent.Length];
                store.CopyRow(rows[i], current);
                for (int lag = 1; lag <= Math.Min(i, LargestLag); lag++)
                {
                    sums[lag - 1] += TensorPrimitives.CosineSimilarity<float>(current, recent[(i - lag) % recent.Length]);
                    pairs[lag - 1]++;
                }
            }
        }
        return [.. from i in Enumerable.Range(0, LargestLag)
                   where pairs[i] > 0
                   select new MeanCosine($"lag {i + 1}", sums[i] / pairs[i], pairs[i])];
    }

    /// <summary>Of each context slot and the target.</summary>
    public static IReadOnlyList<MeanCosine> ToTarget(SequenceFile file)
    {
        int dimension = file.Dimension;
        var sums = new double[SequenceSet.ContextLength];
        var context = new float[SequenceSet.ContextLength * dimension];
        var target = new float[dimension];
        for (int sequence = 0; sequence < file.Count; sequence++)
        {
            file.CopyContext(sequence, context);
            file.CopyTarget(sequence, target);
            for (int slot = 0; slot < sums.Length; slot++)
                sums[slot] += TensorPrimitives.CosineSimilarity<float>(context.AsSpan(slot * dimension, dimension), target);
        }
        return [.. sums.Select((sum, slot) => new MeanCosine($"ctx{slot}-target", sum / file.Count, file.Count))];
    }
}
