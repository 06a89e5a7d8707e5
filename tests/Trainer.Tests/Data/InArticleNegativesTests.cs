using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public sealed class InArticleNegativesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Negatives_are_other_rows_of_the_article_each_at_most_once(int offset)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int dimension = random.Next(2, 9), count = random.Next(1, 12);
            using ArticleStore store = Store(random, dimension, offset, $"{offset}-{seed}.npz");
            int[] sequences = [.. Enumerable.Range(0, 6).Select(_ => random.Next(store.Count))];
            Dictionary<string, int> rowOf = Enumerable.Range(0, store.RowCount).ToDictionary(row => Text(Row(store, row)));
            (float[] vectors, int[] counts) = Draw(store, count, 1, sequences, step: seed);
            for (int b = 0; b < sequences.Length; b++)
            {
                int[] given = [.. Enumerable.Range(0, 5).Select(slot => store.ContextRowOf(sequences[b], slot)), store.TargetRowOf(sequences[b])];
                int[] pool = [.. Enumerable.Range(0, store.RowCount).Where(row => store.ArticleOfRow(row) == store.ArticleOf(sequences[b])).Except(given)];
                Assert.Equal(Math.Min(count, pool.Length), counts[b]);
                int[] drawn = [.. Enumerable.Range(0, counts[b]).Select(k => rowOf[Text(vectors.AsSpan((b * count + k) * dimension, dimension))])];
                Assert.Equal(drawn.Length, drawn.Distinct().Count());
                Assert.Subset(pool.ToHashSet(), drawn.ToHashSet());
            }
        }
    }

    [Fact]
    public void A_draw_is_a_function_of_seed_step_and_row_and_reaches_every_row()
    {
        using ArticleStore store = Store(new Random(3), 4, 1, "store.npz");
        int[] sequences = [0, 0, 1];
        Assert.Equal(Draw(store, 3, 5, sequences, 9).Vectors, Draw(store, 3, 5, sequences, 9).Vectors);
        Assert.NotEqual(Draw(store, 3, 5, sequences, 9).Vectors, Draw(store, 3, 6, sequences, 9).Vectors);
        Assert.NotEqual(Draw(store, 3, 5, sequences, 9).Vectors, Draw(store, 3, 5, sequences, 10).Vectors);
        float[] both = Draw(store, 3, 5, sequences, 9).Vectors;
        Assert.NotEqual(both[..12], both[12..24]);

        HashSet<string> seen = [.. Enumerable.Range(0, 300).Select(step => Text(Draw(store, 1, 5, [0], step).Vectors))];
        int pool = Enumerable.Range(0, store.RowCount).Count(row => store.ArticleOfRow(row) == store.ArticleOf(0)) - 6;
        Assert.Equal(pool, seen.Count);
    }

    private ArticleStore Store(Random random, int dimension, int offset, string name)
    {
        int[] lengths = [random.Next(6 + offset, 30), 6 + offset, random.Next(6 + offset, 20)];
        long[] articles = [.. lengths.SelectMany((length, article) => Enumerable.Repeat((long)article, length))];
        new NpzBuilder().Floats("vectors", RandomVectors.Unit(random, articles.Length, dimension), articles.Length, dimension)
            .Integers("article_indices", articles).Write(_folder[name]);
        return ArticleStore.Open(_folder[name], offset);
    }

    private static (float[] Vectors, int[] Counts) Draw(ArticleStore store, int count, ulong seed, int[] sequences, long step)
    {
        var vectors = new float[sequences.Length * count * store.Dimension];
        var counts = new int[sequences.Length];
        new InArticleNegatives(store, count, seed).Fill(sequences, step, vectors, counts);
        return (vectors, counts);
    }

    private static float[] Row(ArticleStore store, int row)
    {
        var vector = new float[store.Dimension];
        store.CopyRow(row, vector);
        return vector;
    }

    private static string Text(ReadOnlySpan<float> vector) => string.Join(',', vector.ToArray());
}
