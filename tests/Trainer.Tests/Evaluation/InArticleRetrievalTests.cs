using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Tests.Console;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Evaluation;

public sealed class InArticleRetrievalTests
{
    [Fact]
    public void Ranks_equal_a_brute_force()
    {
        using var folder = new TestFolder();
        for (int seed = 0; seed < 15; seed++)
        {
            var random = new Random(seed);
            int dimension = random.Next(6, 12), rows = random.Next(60, 120);
            long[] articles = [.. Enumerable.Range(0, rows).Select(_ => (long)random.Next(4))];
            float[] vectors = RandomVectors.Unit(random, rows, dimension);
            for (int copy = 0; copy < 20; copy++)
                vectors.AsSpan(random.Next(rows) * dimension, dimension).CopyTo(vectors.AsSpan(random.Next(rows) * dimension, dimension));
            using ArticleStore store = ArticleStore.Open(
                new NpzBuilder().Floats("vectors", vectors, rows, dimension).Integers("article_indices", articles).Write(folder[$"{seed}.npz"]));
            var retrieval = new InArticleRetrieval(store, store.Count);
            int[] sequences = [.. Enumerable.Range(0, store.Count)];
            double[] outputs = [.. Enumerable.Range(0, store.Count * dimension).Select(_ => 3 * random.NextDouble() - 1.5)];
            retrieval.Add(sequences.AsSpan(0, 5), outputs.AsSpan(0, 5 * dimension));
            retrieval.Add(sequences.AsSpan(5), outputs.AsSpan(5 * dimension));

            int[] ranks = [.. sequences.Select(sequence =>
            {
                int[] contexts = [.. Enumerable.Range(0, 5).Select(slot => store.ContextRowOf(sequence, slot))];
                double Score(int row) => Enumerable.Range(0, dimension).Sum(c => outputs[sequence * dimension + c] * vectors[row * dimension + c]);
                bool Same(int a, int b) => vectors.AsSpan(a * dimension, dimension).SequenceEqual(vectors.AsSpan(b * dimension, dimension));
                double target = Score(store.TargetRowOf(sequence));
                return 1 + Enumerable.Range(0, rows).Count(
                    row => articles[row] == store.ArticleOf(sequence) && !contexts.Any(context => Same(context, row)) && Score(row) > target);
            })];
            Assert.Equal(ranks.Average(rank => 1.0 / rank), retrieval.Result.ReciprocalRank, 1e-12);
            Assert.Equal(ranks.Average(rank => rank == 1 ? 1.0 : 0), retrieval.Result.RecallAt1, 1e-12);
            Assert.Equal(ranks.Average(rank => rank <= 5 ? 1.0 : 0), retrieval.Result.RecallAt5, 1e-12);
        }
    }

    [Fact]
    public void An_output_of_nothing_ranks_last_only_where_it_is_undefined()
    {
        using var folder = new TestFolder();
        float[] vectors = RandomVectors.Unit(new Random(1), 12, 3);
        using ArticleStore store = ArticleStore.Open(
            new NpzBuilder().Floats("vectors", vectors, 12, 3).Integers("article_indices", new long[12]).Write(folder["s.npz"]));
        var retrieval = new InArticleRetrieval(store, 1);
        retrieval.Add([0], [double.NaN, 0, 0]);
        Assert.Equal(1.0 / 7, retrieval.Result.ReciprocalRank, 1e-12);
        retrieval.Reset();
        Assert.True(double.IsNaN(retrieval.Result.ReciprocalRank));
    }

    [Fact]
    public void Of_many_windows_every_nth_is_ranked()
    {
        using var folder = new TestFolder();
        float[] vectors = RandomVectors.Unit(new Random(1), 12, 3);
        using ArticleStore store = ArticleStore.Open(
            new NpzBuilder().Floats("vectors", vectors, 12, 3).Integers("article_indices", new long[12]).Write(folder["s.npz"]));
        var thinned = new InArticleRetrieval(store, 2 * InArticleRetrieval.LargestSample);
        var all = new InArticleRetrieval(store, 3);
        double[] outputs = [.. Enumerable.Range(0, 6 * 3).Select(i => Math.Sin(i * i))];
        thinned.Add([0, 1, 2, 3, 4, 5], outputs);
        foreach (int i in (int[])[0, 2, 4]) all.Add([i], outputs.AsSpan(3 * i, 3));
        Assert.Equal(all.Result, thinned.Result);
    }
}
