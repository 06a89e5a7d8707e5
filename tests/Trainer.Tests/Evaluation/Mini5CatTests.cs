using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Tests.Loss;

namespace P6bNative.Trainer.Tests.Evaluation;

public class Mini5CatTests
{
    [Fact]
    public void Equals_a_brute_force_over_plain_vectors()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            VectorBatch[] batches = [.. Enumerable.Range(0, 13).Select(i => VectorBatch.Random(100 * seed + i, i == 4 ? 1 : 6, 5, 5))];
            var mini = new Mini5Cat(5);
            double target = 0, last = 0, hits = 0;
            int samples = 0;
            for (int i = 0; i < batches.Length; i++)
            {
                VectorBatch batch = batches[i];
                mini.Add(batch.Statistics(), batch.Size);
                for (int b = 0; i < 10 && b < batch.Size; b++)
                {
                    double norm = Math.Sqrt(VectorBatch.Dot(batch.Raw[b], batch.Raw[b]));
                    double[] p = [.. batch.Raw[b].Select(x => x / norm)];
                    double[] bank = [.. batch.Context[b].Select(c => VectorBatch.Dot(p, c)), VectorBatch.Dot(p, batch.Target[b])];
                    target += bank[5];
                    last += bank[4];
                    hits += bank.Count(similarity => similarity >= bank[5]) <= 5 ? 1 : 0;
                    samples++;
                }
            }

            Assert.Equal(55, samples);
            Assert.Equal(samples, mini.Result.Samples);
            Assert.Equal(target / samples - last / samples, mini.Result.Margin, 1e-13);
            Assert.Equal(hits / samples, mini.Result.RecallAt5, 1e-15);
            Assert.InRange(mini.Result.RecallAt5, 0.5, 0.99);
        }
    }

    [Fact]
    public void A_target_misses_only_as_the_worst_of_six()
    {
        Assert.Equal(1, Recall(target: 0.2, [0.9, 0.8, 0.7, 0.6, 0.1]));
        Assert.Equal(0, Recall(target: 0.1, [0.9, 0.8, 0.7, 0.6, 0.2]));
    }

    [Fact]
    public void Ties_count_against_the_target() => Assert.Equal(0, Recall(target: 0.2, [0.9, 0.8, 0.7, 0.6, 0.2]));

    [Fact]
    public void A_zero_output_is_a_miss() => Assert.Equal(0, Recall(target: 0.2, [0.1, 0.1, 0.1, 0.1, 0.1], raw: 0));

    [Fact]
    public void An_output_that_is_not_a_number_is_a_miss() => Assert.Equal(0, Recall(target: 0.2, [0.1, 0.1, 0.1, 0.1, 0.1], raw: double.NaN));

    [Fact]
    public void Vectors_are_taken_as_stored_and_the_output_normalised()
    {
        var mini = new Mini5Cat(5);
        mini.Add(OneDimensional(target: 3, [0, 0, 0, 0, 1.5], raw: 8).Statistics(), 1);
        Assert.Equal(1.5, mini.Result.Margin);
    }

    [Fact]
    public void Without_samples_there_is_no_margin()
    {
        var mini = new Mini5Cat(5);
        mini.Add(VectorBatch.Random(1, 2, 4, 5).Statistics(), 2);
        mini.Reset();
        Assert.Equal(new Mini5CatResult(double.NaN, double.NaN, 0), mini.Result);
    }

    private static double Recall(double target, double[] contexts, double raw = 1)
    {
        var mini = new Mini5Cat(5);
        mini.Add(OneDimensional(target, contexts, raw).Statistics(), 1);
        return mini.Result.RecallAt5;
    }

    private static VectorBatch OneDimensional(double target, double[] contexts, double raw) =>
        new([[raw]], [[target]], [[.. contexts.Select(c => new[] { c })]]);
}
