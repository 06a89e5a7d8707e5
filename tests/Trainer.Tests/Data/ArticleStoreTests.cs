using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public sealed class ArticleStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Store_of_numpy_is_cut_into_windows_inside_articles()
    {
        using ArticleStore store = ArticleStore.Open(Fixture.Of("store_f16.npz"));
        Assert.Equal((26, 3, 512), (store.RowCount, store.ArticleCount, store.Dimension));
        Assert.Equal([3L, 5, 9], Enumerable.Range(0, 3).Select(store.ArticleId));
        // 8, 6 and 12 rows: 2, 0 and 6 windows of 7.
        Assert.Equal([3L, 3, 9, 9, 9, 9, 9, 9], Enumerable.Range(0, store.Count).Select(store.ArticleOf));
        Assert.Equal([6L, 7, 6, 7, 8, 9, 10, 11], Enumerable.Range(0, store.Count).Select(i => store.TargetIndexOf(i)!.Value));
        Assert.Equal(11, store.WindowsAt(0));
        Assert.Equal((14, 20), (store.ContextRowOf(2, 0), store.TargetRowOf(2)));
        var row = new float[512];
        store.CopyRow(25, row);
        Assert.Equal(1, TensorPrimitives.Norm<float>(row), 2e-7f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Windows_equal_a_brute_force_over_random_stores(int offset)
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(50, 120);
            int dimension = random.Next(1, 9);
            bool withChunks = random.Next(2) == 0;
            float[] vectors = RandomVectors.Unit(random, rows, dimension);
            long[] articles = [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(-2, 3))];
            long[] chunks = [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(1000))];
            var builder = new NpzBuilder(deflated: random.Next(2) == 0);
            builder.Floats(random.Next(2) == 0 ? "vectors" : "embeddings", vectors, rows, dimension).Integers("article_indices", articles);
            if (withChunks)
                builder.Integers("chunk_indices", chunks);
            using ArticleStore store = ArticleStore.Open(builder.Write(_folder[$"{offset}-{seed}.npz"]), offset);

            var expected = new List<int[]>();
            foreach (long article in articles.Distinct())
            {
                int[] inside = [.. Enumerable.Range(0, rows).Where(row => articles[row] == article)];
                if (withChunks)
                    inside = [.. inside.OrderBy(row => chunks[row]).ThenBy(row => row)];
                for (int i = 0; i + 5 + offset < inside.Length; i++)
                    expected.Add([inside[i], inside[i + 1], inside[i + 2], inside[i + 3], inside[i + 4], inside[i + 5 + offset]]);
            }
            Assert.Equal(expected, Enumerable.Range(0, store.Count).Select(WindowOf));
            Assert.Equal(expected.Count, store.WindowsAt(offset));
            AssertVectors(store, vectors, expected);

            int[] WindowOf(int sequence) =>
                [.. Enumerable.Range(0, 5).Select(slot => store.ContextRowOf(sequence, slot)), store.TargetRowOf(sequence)];
        }
    }

    [Fact]
    public void Article_ids_of_a_row_win_over_ids_of_an_article()
    {
        float[] vectors = RandomVectors.Unit(new Random(1), 14, 3);
        string path = new NpzBuilder().Floats("vectors", vectors, 14, 3)
            .Integers("article_ids", 700, 800)
            .Integers("article_indices", 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1)
            .Write(_folder["a.npz"]);
        using ISequenceSet set = SequenceSet.Open(path);
        Assert.Equal([0L, 1], Enumerable.Range(0, set.Count).Select(set.ArticleOf));
    }

    [Fact]
    public void Fortran_order_changes_nothing()
    {
        float[] vectors = RandomVectors.Unit(new Random(1), 9, 4);
        float[] columns = [.. Enumerable.Range(0, 36).Select(i => vectors[i % 9 * 4 + i / 9])];
        byte[] data = [.. columns.SelectMany(BitConverter.GetBytes)];
        string path = new NpzBuilder().Member("vectors", NpzBuilder.Npy(NpzBuilder.Header("<f4", "(9, 4)", fortran: true), data))
            .Integers("article_indices", new long[9]).Write(_folder["a.npz"]);
        using ArticleStore store = ArticleStore.Open(path);
        var row = new float[4];
        for (int i = 0; i < 9; i++)
        {
            store.CopyRow(i, row);
            Assert.Equal(vectors[(i * 4)..(i * 4 + 4)], row);
        }
    }

    private static void AssertVectors(ArticleStore store, float[] vectors, List<int[]> expected)
    {
        int dimension = store.Dimension;
        var context = new float[5 * dimension];
        var target = new float[dimension];
        for (int sequence = 0; sequence < store.Count; sequence++)
        {
            store.CopyContext(sequence, context);
            store.CopyTarget(sequence, target);
            float[] both = [.. context, .. target];
            Assert.Equal(expected[sequence].SelectMany(row => vectors.AsSpan(row * dimension, dimension).ToArray()), both);
        }
    }
}
