using System.Numerics.Tensors;

namespace P6bNative.Trainer.Data;

/// <summary>Refuses vectors that training cannot use: not finite, or zero. The message names key, row and slot.</summary>
internal sealed class VectorCheck(NpyArray array, int dimension)
{
    private const double SmallestNorm = 1e-12;
    private const double LargestNorm = 1e12;

    // Float16 keeps 11 bits, so a unit vector comes back with a norm off by up to 5e-4.
    private readonly bool _normalise = array.Header.ItemSize == 2;

    private double _min = double.PositiveInfinity;
    private double _max;
    private double _sum;
    private long _count;

    /// <summary>The norms of all vectors so far.</summary>
    public NormRange Norms => new(_min, _sum / _count, _max);

    /// <summary>Checks the vectors of a row and normalises them where the file holds float16.</summary>
    public void Row(long row, Span<float> values)
    {
        for (int slot = 0; slot * dimension < values.Length; slot++)
        {
            Span<float> vector = values.Slice(slot * dimension, dimension);
            double norm = Math.Sqrt(TensorPrimitives.SumOfSquares(vector));
            if (!(norm is > SmallestNorm and < LargestNorm))
                throw Wrong(row, values.Length > dimension ? $" slot {slot}" : "", vector);
            _min = Math.Min(_min, norm);
            _max = Math.Max(_max, norm);
            _sum += norm;
            _count++;
            if (_normalise)
                TensorPrimitives.Multiply(vector, (float)(1 / norm), vector);
        }
    }

    private InputException Wrong(long row, string slot, ReadOnlySpan<float> vector)
    {
        for (int i = 0; i < vector.Length; i++)
        {
            if (float.IsFinite(vector[i]))
                continue;
            string value = float.IsNaN(vector[i]) ? "NaN" : "infinity";
            return new InputException($"{array.Where} row {row}{slot}: {value} at component {i}; all values must be finite");
        }
        double norm = Math.Sqrt(Norm2(vector));
        return norm < 1
            ? new InputException($"{array.Where} row {row}{slot}: a zero vector (norm {norm:G3}); every vector needs a direction")
            : new InputException($"{array.Where} row {row}{slot}: a vector of norm {norm:G3}; vectors of about unit length are expected");
    }

    private static double Norm2(ReadOnlySpan<float> vector)
    {
        double sum = 0;
        foreach (float value in vector)
            sum += (double)value * value;
        return sum;
    }
}
