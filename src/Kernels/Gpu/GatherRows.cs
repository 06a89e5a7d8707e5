using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>y[r] = x[rows[r]] over strided rows. Launch: groups of 256 over rows·⌈columns/4⌉ quads of the result, one a work item.</summary>
internal static partial class GatherRowsKernels
{
    /// <summary>y[r,c] = x[numbers[r], c]</summary>
    [Kernel(256)]
    public static void GatherRows(
        ArrayView<float> x, int xStride, ArrayView<float> numbers, ArrayView<float> y, int yStride, int rows, int columns, int vector)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        Float4 value = Quad.Load(x, vector, (int)numbers[quad.Row] * xStride + quad.Column, quad.Valid);
        Quad.Store(y, vector, quad.Row * yStride + quad.Column, quad.Valid, value);
    }
}

internal sealed partial class GpuOperations
{
    public void GatherRows(MatrixView x, View rows, MatrixView y) => GatherRowsKernels.GatherRows(
        _device, QuadGroups(y), x.Data, x.Stride, rows, y.Data, y.Stride, y.Rows, y.Columns, Vector(x.Data, y.Data, lengths: x.Stride | y.Stride));
}
