using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Tests.Loss;

namespace P6bNative.Trainer.Tests.Evaluation;

public class ValidationMetricsTests
{
    [Fact]
    public void Equals_the_means_over_batches_of_plain_vectors()
    {
        var metrics = new ValidationMetrics(12, 5);
        var losses = new List<double>();
        var cosines = new List<double>();
        foreach ((int seed, int size) in new[] { (1, 8), (2, 8), (3, 1) })
        {
            VectorBatch batch = VectorBatch.Random(seed, size, 12, 5);
            metrics.Add(batch.Statistics(), size);
            double[][] output = [.. batch.Raw.Select(Unit)];
            losses.Add(output.Zip(batch.Target, (p, t) => p.Zip(t, (x, y) => (x - y) * (x - y)).Average()).Average());
            cosines.Add(output.Zip(batch.Target, (p, t) => VectorBatch.Dot(p, t) / ((Norm(p) + 1e-8) * (Norm(t) + 1e-8))).Average());
        }

        // The batch of one weighs as much as those of eight.
        Assert.Equal(losses.Average(), metrics.Loss, 1e-14);
        Assert.Equal(cosines.Average(), metrics.Cosine, 1e-14);
        Assert.Equal(3, metrics.Batches);
    }

    [Fact]
    public void With_unit_targets_loss_and_cosine_say_the_same()
    {
        VectorBatch batch = VectorBatch.Random(4, 16, 768, 5);
        batch = batch with { Target = [.. batch.Target.Select(Unit)] };
        var metrics = new ValidationMetrics(768, 5);
        metrics.Add(batch.Statistics(), 16);
        Assert.Equal((2 - 2 * metrics.Cosine) / 768, metrics.Loss, 1e-10);
    }

    [Fact]
    public void A_zero_output_is_finite()
    {
        VectorBatch batch = VectorBatch.Random(5, 2, 6, 5);
        Array.Clear(batch.Raw[1]);
        var metrics = new ValidationMetrics(6, 5);
        metrics.Add(batch.Statistics(), 2);
        Assert.True(double.IsFinite(metrics.Loss));
        Assert.True(double.IsFinite(metrics.Cosine));
    }

    [Fact]
    public void Rounded_statistics_of_a_perfect_output_give_no_negative_loss()
    {
        var metrics = new ValidationMetrics(768, 1);
        // |raw|², |target|² and raw·target of one unit vector, each rounded its own way; then the context's three columns.
        metrics.Add([0, 0.9999999, 0.9999999, 1.0000001, 0, 1, 0], 1);
        Assert.Equal(0, metrics.Loss);
    }

    [Fact]
    public void Margins_are_means_over_windows_and_not_over_batches()
    {
        VectorBatch first = VectorBatch.Random(8, 3, 6, 2), second = VectorBatch.Random(9, 1, 6, 2);
        var metrics = new ValidationMetrics(6, 2);
        metrics.Add(first.Statistics(), 3);
        metrics.Add(second.Statistics(), 1);
        for (int slot = 0; slot < 2; slot++)
        {
            double expected = (Margins(first, slot).Sum() + Margins(second, slot).Sum()) / 4;
            Assert.Equal(expected, metrics.Margins[slot], 1e-12);
        }

        // p·target − p·context with p the normalised output and the vectors as they are stored.
        static IEnumerable<double> Margins(VectorBatch batch, int slot) => Enumerable.Range(0, batch.Size).Select(b =>
            (VectorBatch.Dot(batch.Raw[b], batch.Target[b]) - VectorBatch.Dot(batch.Raw[b], batch.Context[b][slot]))
            / Math.Sqrt(VectorBatch.Dot(batch.Raw[b], batch.Raw[b])));
    }

    [Fact]
    public void Reset_forgets()
    {
        VectorBatch batch = VectorBatch.Random(6, 2, 6, 5);
        var metrics = new ValidationMetrics(6, 5);
        metrics.Add(VectorBatch.Random(7, 3, 6, 5).Statistics(), 3);
        metrics.Reset();
        Assert.True(double.IsNaN(metrics.Loss));
        metrics.Add(batch.Statistics(), 2);
        var fresh = new ValidationMetrics(6, 5);
        fresh.Add(batch.Statistics(), 2);
        Assert.Equal((fresh.Loss, fresh.Cosine), (metrics.Loss, metrics.Cosine));
    }

    private static double Norm(double[] x) => Math.Sqrt(VectorBatch.Dot(x, x));

    private static double[] Unit(double[] x) => [.. x.Select(v => v / Norm(x))];
}
