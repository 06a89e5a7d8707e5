using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

/// <summary>Every operation exactly as <see cref="IOperations"/> words it; one file each.</summary>
internal sealed partial class ReferenceOperations : IOperations
{
    private static Matrix Read(MatrixView view) => new(view);

    private static Span<double> Read(View view) => ReferenceBuffer.Span(view);

    private static void Store(ref double destination, double value, bool accumulate) =>
        destination = accumulate ? destination + value : value;

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }

    /// <summary>The factor of an element under dropout: 0 or <see cref="Dropout.Scale"/>.</summary>
    private static double Factor(Dropout dropout, ulong stepKey, long index)
    {
        if (!dropout.IsActive)
            return 1;
        return dropout.Keeps((uint)index, stepKey) ? dropout.Scale : 0;
    }
}
