using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Tests.Loss;

/// <summary>A batch of plain vectors, its device statistics and the gradient that the device makes of coefficients.</summary>
internal sealed record VectorBatch(double[][] Raw, double[][] Target, double[][][] Context)
{
    public int Size => Raw.Length;

    public int Dimension => Raw[0].Length;

    public int ContextLength => Context[0].Length;

    public static VectorBatch Random(int seed, int size, int dimension, int contextLength)
    {
        var random = new Random(seed);
        double[] Vector() => [.. Enumerable.Range(0, dimension).Select(_ => random.NextDouble() * 2 - 1)];
        return new VectorBatch(
            [.. Enumerable.Range(0, size).Select(_ => Vector())],
            [.. Enumerable.Range(0, size).Select(_ => Vector())],
            [.. Enumerable.Range(0, size).Select(_ => Enumerable.Range(0, contextLength).Select(_ => Vector()).ToArray())]);
    }

    public static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    public double[] Statistics()
    {
        int columns = LossStatistics.Columns(ContextLength);
        var statistics = new double[Size * columns];
        for (int b = 0; b < Size; b++)
        {
            Span<double> row = statistics.AsSpan(b * columns, columns);
            row[LossStatistics.SquaredError] = Raw[b].Zip(Target[b], (x, y) => (x - y) * (x - y)).Sum();
            row[LossStatistics.RawSquared] = Dot(Raw[b], Raw[b]);
            row[LossStatistics.TargetSquared] = Dot(Target[b], Target[b]);
            row[LossStatistics.RawTarget] = Dot(Raw[b], Target[b]);
            for (int slot = 0; slot < ContextLength; slot++)
            {
                row[LossStatistics.RawContext(slot)] = Dot(Raw[b], Context[b][slot]);
                row[LossStatistics.ContextSquared(slot)] = Dot(Context[b][slot], Context[b][slot]);
                row[LossStatistics.TargetContext(slot)] = Dot(Target[b], Context[b][slot]);
            }
        }

        return statistics;
    }

    public double[][] Gradient(double[] coefficients, int slot)
    {
        var gradient = new double[Size][];
        for (int b = 0; b < Size; b++)
        {
            ReadOnlySpan<double> c = coefficients.AsSpan(b * LossCoefficients.Columns, LossCoefficients.Columns);
            gradient[b] = new double[Dimension];
            for (int d = 0; d < Dimension; d++)
            {
                gradient[b][d] = c[LossCoefficients.Error] * (Raw[b][d] - Target[b][d]) + c[LossCoefficients.Target] * Target[b][d]
                    + c[LossCoefficients.Negative] * Context[b][slot][d] + c[LossCoefficients.Raw] * Raw[b][d];
            }
        }

        return gradient;
    }
}
