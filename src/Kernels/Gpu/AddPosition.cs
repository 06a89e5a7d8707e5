using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>y[r] = x[r] + table[r mod T] over strided rows. Launch: groups of 256 over rows·⌈columns/4⌉ quads, one a work item.</summary>
internal static partial class AddPositionKernels
{
    /// <summary>y[r,c] = x[r,c] + table[r mod T, c]</summary>
    [Kernel(256)]
    public static void AddPositionForward(
        ArrayView<float> x, int xStride, ArrayView<float> table, int tableStride, int period, ArrayView<float> y, int yStride,
        int rows, int columns, int vector)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        Float4 sum = Quad.Add(
            Quad.Load(x, vector, quad.Row * xStride + quad.Column, quad.Valid),
            Quad.Load(table, vector, quad.Row % period * tableStride + quad.Column, quad.Valid));
        Quad.Store(y, vector, quad.Row * yStride + quad.Column, quad.Valid, sum);
    }

    /// <summary>dX[r,c] (+)= dY[r,c]</summary>
    [Kernel(256)]
    public static void AddPositionBackward(
        ArrayView<float> dY, int dYStride, ArrayView<float> dX, int dXStride, int rows, int columns, int vector, int accumulate)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        Float4 gradient = Quad.Load(dY, vector, quad.Row * dYStride + quad.Column, quad.Valid);
        Quad.Put(dX, vector, quad.Row * dXStride + quad.Column, quad.Valid, gradient, accumulate);
    }
}

internal sealed partial class GpuOperations
{
    public void AddPositionForward(MatrixView x, MatrixView table, MatrixView y) => AddPositionKernels.AddPositionForward(
        _device, QuadGroups(x), x.Data, x.Stride, table.Data, table.Stride, table.Rows, y.Data, y.Stride, x.Rows, x.Columns,
        Vector(x.Data, table.Data, y.Data, lengths: x.Stride | table.Stride | y.Stride));

    public void AddPositionBackward(MatrixView dY, MatrixView dX, bool accumulate) => AddPositionKernels.AddPositionBackward(
        _device, QuadGroups(dY), dY.Data, dY.Stride, dX.Data, dX.Stride, dY.Rows, dY.Columns,
        Vector(dY.Data, dX.Data, lengths: dY.Stride | dX.Stride), Flag(accumulate));

    /// <summary>Groups of 256 that give each quad of a matrix, row by row, a work item.</summary>
    private static LaunchSize QuadGroups(MatrixView matrix) => new(Groups(checked(matrix.Rows * ((matrix.Columns + 3) / 4)), 256));
}
