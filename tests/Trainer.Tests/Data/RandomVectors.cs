using System.Numerics.Tensors;

namespace P6bNative.Trainer.Tests.Data;

internal static class RandomVectors
{
    /// <summary>Unit vectors side by side.</summary>
    public static float[] Unit(Random random, int count, int dimension)
    {
        var values = new float[count * dimension];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextSingle() - 0.5f;
        for (int i = 0; i < count; i++)
        {
            Span<float> vector = values.AsSpan(i * dimension, dimension);
            TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        }
        return values;
    }

    /// <summary>A sound sequence file.</summary>
    public static NpzBuilder Sequences(Random random, int count, int dimension, bool deflated = false) => new NpzBuilder(deflated)
        .Floats("context_sequences", Unit(random, count * 5, dimension), count, 5, dimension)
        .Floats("target_vectors", Unit(random, count, dimension), count, dimension);
}
