using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>y[b] = Σₜ x[b·T + t] / T over strided rows. Launch: groups of 256 over rows·⌈columns/4⌉ quads of the result, one a work item.</summary>
internal static partial class SlotMeanKernels
{
    /// <summary>y[b,c] = factor·Σₜ x[b·T + t, c]</summary>
    [Kernel(256)]
    public static void SlotMean(
        ArrayView<float> x, int xStride, ArrayView<float> y, int yStride, int length, float factor, int rows, int columns, int vector)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        Float4 sum = Quad.Load(x, vector, quad.Row * length * xStride + quad.Column, quad.Valid);
        for (int t = 1; t < length; t++)
            sum = Quad.Add(sum, Quad.Load(x, vector, (quad.Row * length + t) * xStride + quad.Column, quad.Valid));
        Quad.Store(y, vector, quad.Row * yStride + quad.Column, quad.Valid, Quad.Scale(sum, factor));
    }
}

internal sealed partial class GpuOperations
{
    public void SlotMean(MatrixView x, MatrixView y)
    {
        int length = x.Rows / y.Rows;
        SlotMeanKernels.SlotMean(
            _device, QuadGroups(y), x.Data, x.Stride, y.Data, y.Stride, length, 1f / length, y.Rows, y.Columns,
            Vector(x.Data, y.Data, lengths: x.Stride | y.Stride));
    }
}
