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
        // |raw|², |target|² and raw·target of one unit vector, each rounded its own way; then the context's two columns.
        metrics.Add([0, 0.9999999, 0.9999999, 1.0000001, 0, 1], 1);
        Assert.Equal(0, metrics.Loss);
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
