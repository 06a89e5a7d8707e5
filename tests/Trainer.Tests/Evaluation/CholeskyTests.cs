using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Tests.Evaluation;

public sealed class CholeskyTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(63, 33)]
    [InlineData(64, 32)]
    [InlineData(65, 5)]
    [InlineData(200, 70)]
    [InlineData(600, 2)]
    public void The_solution_solves_the_system_with_any_number_of_threads(int n, int columns)
    {
        var random = new Random(n);
        double[] a = Positive(random, n), b = [.. Enumerable.Range(0, n * columns).Select(_ => random.NextDouble() - 0.5)];
        double[] x = [.. b];
        Assert.True(TrySolve([.. a], n, x, columns, threads: 1));
        for (int i = 0; i < n; i++)
        {
            for (int c = 0; c < columns; c++)
            {
                double sum = 0;
                for (int k = 0; k < n; k++) sum += a[Math.Max(i, k) * n + Math.Min(i, k)] * x[k * columns + c];
                Assert.Equal(b[i * columns + c], sum, 1e-12);
            }
        }

        double[] withMore = [.. b];
        Assert.True(TrySolve([.. a], n, withMore, columns, threads: 3));
        Assert.Equal(x, withMore);
    }

    [Fact]
    public void A_matrix_that_is_not_positive_definite_is_refused()
    {
        double[] a = Positive(new Random(3), 80);
        a[70 * 80 + 70] = -1;
        Assert.False(TrySolve(a, 80, new double[80], 1, threads: 2));
    }

    private static bool TrySolve(double[] a, int n, double[] b, int columns, int threads) =>
        Cholesky.TrySolve(a, n, b, columns, threads, TestContext.Current.CancellationToken);

    // A diagonal that outweighs the rest of its row; above it NaN, which nobody may read.
    private static double[] Positive(Random random, int n)
    {
        var a = new double[n * n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++) a[i * n + j] = j < i ? random.NextDouble() - 0.5 : j == i ? n : double.NaN;
        }

        return a;
    }
}
