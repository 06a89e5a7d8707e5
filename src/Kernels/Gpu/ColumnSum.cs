using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// sum[c] (+)= Σᵣ x[r,c] over strided rows in one launch: ⌈columns/16⌉ groups of 256, each four quads wide with 64 work items down
/// the rows; then a tree over these.
/// </summary>
internal static partial class ColumnSumKernels
{
    private const int ColumnsPerGroup = 16;

    /// <summary>sum[c] (+)= Σᵣ x[r,c]</summary>
    [Kernel(256)]
    public static void ColumnSum(ArrayView<float> x, int stride, ArrayView<float> sum, int rows, int columns, int vector, int accumulate)
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(256);
        int item = Group.IdxX;
        int column = Grid.IdxX * ColumnsPerGroup + 4 * (item & 3), valid = columns - column;
        var total = new Float4(0f, 0f, 0f, 0f);
        if (valid > 0)
        {
            for (int row = item / 4; row < rows; row += 64)
                total = Quad.Add(total, Quad.Load(x, vector, row * stride + column, valid));
        }

        shared[item] = total;
        Group.Barrier();
        for (int half = 128; half >= 4; half /= 2)
        {
            if (item < half)
                shared[item] = Quad.Add(shared[item], shared[item + half]);
            Group.Barrier();
        }

        if (item < 4 && valid > 0)
            Quad.Put(sum, 0, column, valid, shared[item], accumulate);
    }
}

internal sealed partial class GpuOperations
{
    public void ColumnSum(MatrixView x, View sum, bool accumulate) => ColumnSumKernels.ColumnSum(
        _device, new LaunchSize(Groups(x.Columns, 16)), x.Data, x.Stride, sum, x.Rows, x.Columns,
        Vector(x.Data, lengths: x.Stride), Flag(accumulate));
}
