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
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (columns + 3) / 4;
        int row = item / quads;
        if (row >= rows)
            return;
        int column = 4 * (item - row * quads), valid = columns - column;
        Float4 sum = Quad.Add(
            Quad.Load(x, vector, row * xStride + column, valid), Quad.Load(table, vector, row % period * tableStride + column, valid));
        Quad.Store(y, vector, row * yStride + column, valid, sum);
    }

    /// <summary>dX[r,c] (+)= dY[r,c]</summary>
    [Kernel(256)]
    public static void AddPositionBackward(
        ArrayView<float> dY, int dYStride, ArrayView<float> dX, int dXStride, int rows, int columns, int vector, int accumulate)
    {
        int item = Grid.IdxX * 256 + Group.IdxX;
        int quads = (columns + 3) / 4;
        int row = item / quads;
        if (row >= rows)
            return;
        int column = 4 * (item - row * quads), valid = columns - column;
        Quad.Put(dX, vector, row * dXStride + column, valid, Quad.Load(dY, vector, row * dYStride + column, valid), accumulate);
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
