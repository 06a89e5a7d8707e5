using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>y[r] = x[r − 1], 0 for the first of each sample's rows. Launch: groups of 256 over rows·⌈columns/4⌉ quads, one a work item.</summary>
internal static partial class PreviousStepKernels
{
    /// <summary>y[b·T + t, c] = x[b·T + t − 1, c], 0 for t = 0</summary>
    [Kernel(256)]
    public static void PreviousStep(ArrayView<float> x, ArrayView<float> y, int length, int rows, int columns, int vector)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        var value = new Float4(0f, 0f, 0f, 0f);
        if (quad.Row % length != 0)
            value = Quad.Load(x, vector, (quad.Row - 1) * columns + quad.Column, quad.Valid);
        Quad.Store(y, vector, quad.Row * columns + quad.Column, quad.Valid, value);
    }
}

internal sealed partial class GpuOperations
{
    public void PreviousStep(MatrixView x, int length, MatrixView y) => PreviousStepKernels.PreviousStep(
        _device, QuadGroups(x), x.Data, y.Data, length, x.Rows, x.Columns, Vector(x.Data, y.Data, lengths: x.Columns));
}
