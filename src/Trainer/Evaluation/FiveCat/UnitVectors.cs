using System.Numerics.Tensors;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>The normalisation of the 5CAT, in double precision.</summary>
internal static class UnitVectors
{
    private const double Epsilon = 1e-9;
    private const double SmallestOutputNorm = 1e-12;

    /// <summary>x/(‖x‖ + 1e-9), row by row.</summary>
    public static void Normalize(ReadOnlySpan<float> source, Span<double> destination, int dimension)
    {
        TensorPrimitives.ConvertChecked(source, destination);
        for (int at = 0; at < destination.Length; at += dimension) Normalize(destination.Slice(at, dimension));
    }

    /// <summary>A model's raw output as the model normalises it, raw/max(‖raw‖, 1e-12), and then as the 5CAT does.</summary>
    /// <returns>‖raw‖; where that is not finite, neither is the result.</returns>
    public static double NormalizeOutput(Span<double> raw)
    {
        double norm = TensorPrimitives.Norm<double>(raw);
        TensorPrimitives.Divide(raw, Math.Max(norm, SmallestOutputNorm), raw);
        Normalize(raw);
        return norm;
    }

    private static void Normalize(Span<double> vector) =>
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector) + Epsilon, vector);
}
