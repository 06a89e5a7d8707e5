using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// The matrix product for OpenCL devices that are processors (Goto and van de Geijn 2008): a group is one work item, which computes a strip
/// of C. Block by block of the depth it packs its strip of B into panels of 16 or 48 columns, and multiplies them with rows of A, up to eight
/// at a time, all sums in vector registers.
/// </summary>
internal static partial class PackedMatMulKernels
{
    /// <summary>Rows of A that are multiplied with all panels before the next.</summary>
    public const int BlockRows = 48;

    // Bits of the flags.
    public const int HasBias = 1, Accumulate = 2;

    /// <summary>
    /// C[m,n] = Σₖ op(A)[m,k]·op(B)[k,n] (+ bias) (+ C). A is stored [k,m] where depthFirstA is 1, else [m,k]; B [k,n] where depthFirstB is 1,
    /// else [n,k]. Grid: (⌈n/stripColumns⌉, ⌈m/groupRows⌉); both sizes are multiples of the tile's. Each group has its own part of scratch:
    /// stripColumns of bias, panels [strip, blockDepth, panel], and where A is stored [k,m] a block of its tiles [blockDepth, tileRows].
    /// </summary>
    [Kernel(1)]
    public static void PackedMatMul(
        ArrayView<float> a, int aStride, ArrayView<float> b, int bStride, ArrayView<float> c, int cStride, ArrayView<float> bias,
        ArrayView<float> scratch, int m, int n, int k, int stripColumns, int groupRows, int blockDepth, int groupScratch, int flags,
        SpecializedValue<int> depthFirstA, SpecializedValue<int> depthFirstB, SpecializedValue<int> tileRows, SpecializedValue<int> tileVectors)
    {
        ArrayView<Float16> sums = LocalMemory.Allocate<Float16>(tileRows * tileVectors);
        ArrayView<Float16> result = LocalMemory.Allocate<Float16>(1);
        ArrayView<float> left = LocalMemory.Allocate<float>(8);
        int firstColumn = Grid.IdxX * stripColumns, endColumn = XMath.Min(n, firstColumn + stripColumns);
        int firstRow = Grid.IdxY * groupRows, endRow = XMath.Min(m, firstRow + groupRows);
        int group = Grid.IdxY * Grid.DimX + Grid.IdxX, tilePitch = blockDepth * tileRows + 16;
        ArrayView<float> start = scratch.SubView((long)group * groupScratch, groupScratch);
        ArrayView<float> panels = start.SubView(stripColumns, blockDepth * stripColumns);
        ArrayView<float> block = panels.SubView(blockDepth * stripColumns, BlockRows / tileRows * tilePitch);
        for (int j = 0; j < stripColumns; j++)
            start[j] = (flags & HasBias) != 0 && firstColumn + j < n ? bias[firstColumn + j] : 0f;

        for (int depth = 0; depth < k; depth += blockDepth)
        {
            int length = XMath.Min(blockDepth, k - depth);
            for (int column = firstColumn; column < endColumn; column += 16 * tileVectors)
            {
                ArrayView<float> panel = panels.SubView((column - firstColumn) * blockDepth, 16 * tileVectors * blockDepth);
                if (depthFirstB == 0)
                    PackAcross(b.SubView(depth, n * bStride), bStride, panel, 16 * tileVectors, column, n, length);
                else
                    PackAlong(b.SubView((long)depth * bStride, (long)length * bStride), bStride, panel, 16 * tileVectors, column, n, length);
            }

            for (int blockRow = firstRow; blockRow < endRow; blockRow += BlockRows)
            {
                int endBlock = XMath.Min(endRow, blockRow + BlockRows);
                if (depthFirstA != 0)
                {
                    PackTiles(
                        a.SubView((long)depth * aStride, (long)length * aStride), aStride, block, tileRows, tilePitch, blockRow, endBlock, m, length);
                }

                for (int column = firstColumn; column < endColumn; column += 16 * tileVectors)
                {
                    ArrayView<Float16> panel = panels.SubView((column - firstColumn) * blockDepth, 16 * tileVectors * blockDepth).Cast<Float16>();
                    ArrayView<Float16> initial = start.SubView(column - firstColumn, 16 * tileVectors).Cast<Float16>();
                    for (int row = blockRow; row < endBlock; row += tileRows)
                    {
                        for (int r = 0; r < tileRows; r++)
                        {
                            for (int v = 0; v < tileVectors; v++)
                                sums[r * tileVectors + v] = depth == 0 ? initial[v] : Float16.Splat(0f);
                        }

                        if (depthFirstA != 0)
                        {
                            ArrayView<float> tile = block.SubView((row - blockRow) / tileRows * tilePitch, tilePitch);
                            for (int i = 0; i < length; i++)
                            {
                                ArrayView<float> elements = tile.SubView((long)i * tileRows, tileRows);
                                for (int r = 0; r < tileRows; r++)
                                {
                                    for (int v = 0; v < tileVectors; v++)
                                    {
                                        sums[r * tileVectors + v] = Float16.Fma(
                                            Float16.Splat(elements[r]), panel[i * tileVectors + v], sums[r * tileVectors + v]);
                                    }
                                }
                            }
                        }
                        else
                        {
                            // Rows behind the last are multiplied too, as copies of it, and not written. A view a row keeps addresses in registers.
                            ArrayView<float> row0 = a.SubView((long)row * aStride + depth, length);
                            ArrayView<float> row1 = a.SubView((long)XMath.Min(row + 1, m - 1) * aStride + depth, length);
                            ArrayView<float> row2 = a.SubView((long)XMath.Min(row + 2, m - 1) * aStride + depth, length);
                            ArrayView<float> row3 = a.SubView((long)XMath.Min(row + 3, m - 1) * aStride + depth, length);
                            ArrayView<float> row4 = a.SubView((long)XMath.Min(row + 4, m - 1) * aStride + depth, length);
                            ArrayView<float> row5 = a.SubView((long)XMath.Min(row + 5, m - 1) * aStride + depth, length);
                            ArrayView<float> row6 = a.SubView((long)XMath.Min(row + 6, m - 1) * aStride + depth, length);
                            ArrayView<float> row7 = a.SubView((long)XMath.Min(row + 7, m - 1) * aStride + depth, length);
                            for (int i = 0; i < length; i++)
                            {
                                left[0] = row0[i];
                                left[1] = row1[i];
                                left[2] = row2[i];
                                left[3] = row3[i];
                                if (tileRows > 4)
                                {
                                    left[4] = row4[i];
                                    left[5] = row5[i];
                                }

                                if (tileRows > 6)
                                {
                                    left[6] = row6[i];
                                    left[7] = row7[i];
                                }

                                for (int r = 0; r < tileRows; r++)
                                {
                                    for (int v = 0; v < tileVectors; v++)
                                    {
                                        sums[r * tileVectors + v] = Float16.Fma(
                                            Float16.Splat(left[r]), panel[i * tileVectors + v], sums[r * tileVectors + v]);
                                    }
                                }
                            }
                        }

                        int add = depth > 0 ? Accumulate : flags & Accumulate;
                        for (int r = 0; r < tileRows; r++)
                        {
                            for (int v = 0; v < tileVectors; v++)
                            {
                                int at = column + 16 * v;
                                if (row + r < endRow && at < n)
                                {
                                    ArrayView<float> to = c.SubView((long)(row + r) * cStride + at, 16);
                                    result[0] = sums[r * tileVectors + v];
                                    Put(to, result.Cast<float>(), n - at, add);
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// <summary>panel[i,j] = source[i, first + j] where first + j is below limit, else 0. Width: a multiple of 16.</summary>
    private static void PackAlong(ArrayView<float> source, int stride, ArrayView<float> panel, int width, int first, int limit, int length)
    {
        for (int i = 0; i < length; i++)
        {
            long row = (long)i * stride + first;
            for (int j = 0; j < width; j += 16)
            {
                if (first + j + 16 <= limit)
                {
                    Copy16(source.SubView(row + j, 16), panel.SubView(i * width + j, 16));
                }
                else
                {
                    for (int v = j; v < j + 16; v++)
                        panel[i * width + v] = first + v < limit ? source[row + v] : 0f;
                }
            }
        }
    }

    /// <summary>
    /// Tiles of a block: tile[i,r] = source[i, row + r], 0 from limit on. Row by row of the source, since its stride is often one that meets in
    /// one cache set. Eight at a time: what is too much for a tile of fewer rows is overwritten by what follows, or lies in its padding.
    /// </summary>
    private static void PackTiles(
        ArrayView<float> source, int stride, ArrayView<float> block, int rows, int pitch, int first, int end, int limit, int length)
    {
        ArrayView<float> values = LocalMemory.Allocate<float>(8);
        for (int i = 0; i < length; i++)
        {
            ArrayView<float> to = block.SubView((long)i * rows, pitch);
            for (int row = first; row < end; row += rows)
            {
                ArrayView<float> from = source.SubView((long)i * stride + row, 8);
                if (row + 8 <= limit)
                {
                    for (int r = 0; r < 8; r++)
                        values[r] = from[r];
                    for (int r = 0; r < 8; r++)
                        to[r] = values[r];
                }
                else
                {
                    for (int r = 0; r < rows; r++)
                        to[r] = row + r < limit ? from[r] : 0f;
                }

                to = to.SubView(pitch, pitch);
            }
        }
    }

    /// <summary>All loads before all stores, so that the compiler need not ask whether the views overlap.</summary>
    private static void Copy16(ArrayView<float> from, ArrayView<float> to)
    {
        ArrayView<float> values = LocalMemory.Allocate<float>(16);
        for (int i = 0; i < 16; i++)
            values[i] = from[i];
        for (int i = 0; i < 16; i++)
            to[i] = values[i];
    }

    /// <summary>panel[i,j] = source[first + j, i]; beyond limit copies of the last row, whose products are not written. Width: a multiple of 4.</summary>
    private static void PackAcross(ArrayView<float> source, int stride, ArrayView<float> panel, int width, int first, int limit, int length)
    {
        for (int j = 0; j < width; j += 4)
        {
            ArrayView<float> row0 = source.SubView((long)XMath.Min(first + j, limit - 1) * stride, length);
            ArrayView<float> row1 = source.SubView((long)XMath.Min(first + j + 1, limit - 1) * stride, length);
            ArrayView<float> row2 = source.SubView((long)XMath.Min(first + j + 2, limit - 1) * stride, length);
            ArrayView<float> row3 = source.SubView((long)XMath.Min(first + j + 3, limit - 1) * stride, length);
            for (int i = 0; i < length; i++)
            {
                panel[i * width + j] = row0[i];
                panel[i * width + j + 1] = row1[i];
                panel[i * width + j + 2] = row2[i];
                panel[i * width + j + 3] = row3[i];
            }
        }
    }

    /// <summary>Writes the first <paramref name="valid"/> of sixteen sums, or adds them to what is there.</summary>
    private static void Put(ArrayView<float> to, ArrayView<float> values, int valid, int add)
    {
        if (valid < 16)
        {
            for (int j = 0; j < valid; j++)
                to[j] = add != 0 ? to[j] + values[j] : values[j];
        }
        else if (add != 0)
        {
            for (int j = 0; j < 16; j++)
                to[j] += values[j];
        }
        else
        {
            for (int j = 0; j < 16; j++)
                to[j] = values[j];
        }
    }
}

internal sealed partial class GpuOperations
{
    private void PackedMatMul(MatMulForm form, MatrixView a, MatrixView b, MatrixView c, View bias, bool accumulate)
    {
        int depth = form == MatMulForm.TN ? a.Rows : a.Columns;
        PackedMatMulPlan plan = PackedMatMulPlan
            ?? Gpu.PackedMatMulPlan.For(c.Rows, c.Columns, depth, _device.ComputeUnits, _device.NativeVectorWidth);
        var size = new LaunchSize(Groups(c.Columns, plan.StripColumns), Groups(c.Rows, plan.GroupRows));
        PackedMatMulKernels.PackedMatMul(
            _device, size, a.Data, a.Stride, b.Data, b.Stride, c.Data, c.Stride, bias, _scratch.Floats((long)plan.GroupScratch * size.X * size.Y),
            c.Rows, c.Columns, depth, plan.StripColumns, plan.GroupRows, plan.BlockDepth, plan.GroupScratch,
            Flag(!bias.IsEmpty) * PackedMatMulKernels.HasBias + Flag(accumulate) * PackedMatMulKernels.Accumulate,
            Flag(form == MatMulForm.TN), Flag(form != MatMulForm.NT), plan.TileRows, plan.TileVectors);
    }
}
