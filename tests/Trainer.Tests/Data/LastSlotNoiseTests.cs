using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Tests.Data;

public class LastSlotNoiseTests
{
    private const int Dimension = 768;

    private readonly float[] _original = RandomVectors.Unit(new Random(1), 5, Dimension);

    [Fact]
    public void Rows_are_left_swapped_or_noised_as_often_as_they_should_be()
    {
        const int Rows = 20_000;
        var noise = new LastSlotNoise((float)LastSlotNoise.DefaultProbability, 42);
        var cosines = new List<double>();
        var sum = new double[Dimension];
        int swapped = 0;
        int left = 0;
        for (int i = 0; i < Rows; i++)
        {
            float[] context = [.. _original];
            noise.Apply(i / 32, i % 32, context);
            Assert.True(context.AsSpan(0, 4 * Dimension).SequenceEqual(_original.AsSpan(0, 4 * Dimension)));
            ReadOnlySpan<float> last = context.AsSpan(4 * Dimension);
            if (last.SequenceEqual(_original.AsSpan(4 * Dimension)))
            {
                left++;
            }
            else if (last.SequenceEqual(_original.AsSpan(3 * Dimension, Dimension)))
            {
                swapped++;
            }
            else
            {
                Assert.Equal(1, TensorPrimitives.Norm(last), 1e-6f);
                cosines.Add(TensorPrimitives.Dot(last, _original.AsSpan(4 * Dimension)));
                for (int j = 0; j < Dimension; j++)
                    sum[j] += last[j] - cosines[^1] * _original[4 * Dimension + j];
            }
        }

        // Binomial, five standard deviations: 3000 ± 252 corrupted, 5 % of them swapped.
        Assert.InRange(Rows - left, 3000 - 252, 3000 + 252);
        Assert.InRange(swapped, 150 - 60, 150 + 60);
        // 1/√(1 + 768·0.03²) = 0.769, with a spread of 0.018 for one row.
        Assert.Equal(1 / Math.Sqrt(1 + Dimension * LastSlotNoise.Sigma * LastSlotNoise.Sigma), cosines.Average(), 0.003);
        Assert.InRange(Spread(cosines), 0.010, 0.022);
        // The noise has no direction: its mean over n rows is of norm 0.64/√n.
        Assert.True(Math.Sqrt(sum.Sum(value => value * value)) / cosines.Count < 0.8 / Math.Sqrt(cosines.Count));
    }

    [Fact]
    public void Components_are_normal()
    {
        // A last context of zero: what is left is the normalised noise itself.
        var noise = new LastSlotNoise(1, 3);
        var values = new List<double>();
        for (int row = 0; row < 200; row++)
        {
            var context = new float[5 * Dimension];
            noise.Apply(0, row, context);
            if (context[^1] != 0)
                values.AddRange(context.Skip(4 * Dimension).Select(value => value * Math.Sqrt(Dimension)));
        }
        Assert.True(values.Count > 180 * Dimension);
        Assert.Equal(0, values.Average(), 0.015);
        Assert.Equal(1, values.Average(value => value * value), 0.001);
        Assert.Equal(0, values.Average(value => value * value * value), 0.04);
        Assert.Equal(3, values.Average(value => Math.Pow(value, 4)), 0.1);
        Assert.Equal(0.6827, values.Count(value => Math.Abs(value) < 1) / (double)values.Count, 0.007);
        // Neighbours come from one draw and must not be related.
        Assert.Equal(0, values.Zip(values.Skip(1), (a, b) => a * b).Average(), 0.015);
        Assert.Equal(0, values.Zip(values.Skip(1), (a, b) => (a * a - 1) * (b * b - 1)).Average(), 0.06);
    }

    [Fact]
    public void Corruption_is_a_function_of_seed_step_and_row()
    {
        Assert.Equal(Corrupt(1, 5, 3), Corrupt(1, 5, 3));
        float[][] all = [Corrupt(1, 5, 3), Corrupt(2, 5, 3), Corrupt(1, 6, 3), Corrupt(1, 5, 4), Corrupt(1, 3, 5)];
        Assert.Equal(5, all.Select(values => values[^1]).Distinct().Count());

        float[] Corrupt(ulong seed, long step, int row)
        {
            float[] context = [.. _original];
            new LastSlotNoise(1, seed).Apply(step, row, context);
            return context;
        }
    }

    [Fact]
    public void Switched_off_it_changes_nothing()
    {
        float[] context = [.. _original];
        for (int row = 0; row < 100; row++)
        {
            default(LastSlotNoise).Apply(0, row, context);
            new LastSlotNoise(0, 42).Apply(1, row, context);
        }
        Assert.Equal(_original, context);
    }

    private static double Spread(List<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
