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
    /// <returns>False where it is not finite.</returns>
    public static bool TryNormalizeOutput(ReadOnlySpan<float> raw, Span<double> destination)
    {
        TensorPrimitives.ConvertChecked(raw, destination);
        double norm = TensorPrimitives.Norm<double>(destination);
        TensorPrimitives.Divide(destination, Math.Max(norm, SmallestOutputNorm), destination);
        Normalize(destination);
        return double.IsFinite(norm);
    }

    private static void Normalize(Span<double> vector) =>
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector) + Epsilon, vector);
}
