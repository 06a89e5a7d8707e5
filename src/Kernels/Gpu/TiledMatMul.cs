using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// The matrix product for graphics cards. A group of 256 computes a tile of C; each 32 work items of it (a warp, 4 × 8) a part of 32 rows by
/// 32 or 64 columns, 8 × 4 or 8 × 8 elements each. Where a tile has fewer parts than eight, several warps share the sums of a part, each
/// taking a slice of the depth, and are added at the end. Tiles of A and B pass through shared memory in two buffers: while one is
/// multiplied the next is on its way through registers.
/// </summary>
internal static partial class TiledMatMulKernels
{
    // Bits of the flags.
    public const int VectorA = 1, VectorB = 2, VectorC = 4, HasBias = 8, Accumulate = 16, HasRowSums = 32, AccumulateRowSums = 64;

    /// <summary>
    /// C[m,n] = Σ op(A)[m,k]·op(B)[k,n] over k in [z·chunk, (z+1)·chunk) (+ bias) (+ C), z the split, whose result is at z·m·cStride.
    /// A is stored [k,m] where depthFirstA is 1, else [m,k]; B [k,n] where depthFirstB is 1, else [n,k].
    /// With row sums: rowSums[m] (+)= Σ op(A)[m,k], by the groups of the first column of tiles; unsplit only.
    /// Grid: (⌈n/tileColumns⌉, ⌈m/tileRows⌉, splits).
    /// </summary>
    [Kernel(256)]
    public static void TiledMatMul(
        ArrayView<float> a, int aStride, ArrayView<float> b, int bStride, ArrayView<float> c, int cStride, ArrayView<float> bias,
        ArrayView<float> rowSums, int m, int n, int k, int chunk, int flags,
        SpecializedValue<int> depthFirstA, SpecializedValue<int> depthFirstB, SpecializedValue<int> tileRows, SpecializedValue<int> tileColumns,
        SpecializedValue<int> tileDepth, SpecializedValue<int> warpColumns)
    {
        // Two buffers, each [depth, rows + 4] of A and [depth, columns + 4] of B; four more, so that stores that transpose meet no bank twice.
        ArrayView<Float4> tiles = SharedMemory.Allocate<Float4>(tileDepth * (tileRows + tileColumns + 8) / 2);
        ArrayView<float> elements = tiles.Cast<float>();
        ArrayView<float> sums = LocalMemory.Allocate<float>(warpColumns);
        ArrayView<float> left = LocalMemory.Allocate<float>(8);
        ArrayView<float> right = LocalMemory.Allocate<float>(8);
        ArrayView<Float4> nextA = LocalMemory.Allocate<Float4>((tileRows * tileDepth + 1023) / 1024);
        ArrayView<Float4> nextB = LocalMemory.Allocate<Float4>((tileColumns * tileDepth + 1023) / 1024);

        int item = Group.IdxX, lane = item & 31, warp = item / 32;
        int parts = tileRows * tileColumns / (32 * warpColumns), partsAcross = tileColumns / warpColumns;
        int slice = warp / parts, part = warp % parts, sliceDepth = tileDepth * parts / 8;
        int row = part / partsAcross * 32 + lane / 8 * 4, column = part % partsAcross * warpColumns + (lane & 7) * 4;
        int firstRow = Grid.IdxY * tileRows, firstColumn = Grid.IdxX * tileColumns;
        int pitchA = tileRows + 4, pitchB = tileColumns + 4, startB = tileDepth * pitchA, bufferLength = tileDepth * (pitchA + pitchB);
        int depth = Grid.IdxZ * chunk, end = XMath.Min(k, depth + chunk), buffer = 0;
        bool sumsRow = (flags & HasRowSums) != 0 && Grid.IdxX == 0 && item < tileRows;
        float rowSum = 0f;

        for (int i = 0; i < warpColumns; i++)
            sums[i] = 0f;
        for (int i = 0; i < (tileRows * tileDepth + 1023) / 1024; i++)
        {
            Float4 quad = Load(a, flags & VectorA, aStride, depthFirstA, tileRows, tileDepth, item + 256 * i, firstRow, m, depth, end);
            Store(tiles, 0, depthFirstA, tileRows, tileDepth, item + 256 * i, quad);
        }

        for (int i = 0; i < (tileColumns * tileDepth + 1023) / 1024; i++)
        {
            Float4 quad = Load(b, flags & VectorB, bStride, depthFirstB, tileColumns, tileDepth, item + 256 * i, firstColumn, n, depth, end);
            Store(tiles, startB, depthFirstB, tileColumns, tileDepth, item + 256 * i, quad);
        }

        Group.Barrier();
        while (depth < end)
        {
            depth += tileDepth;
            if (depth < end)
            {
                for (int i = 0; i < (tileRows * tileDepth + 1023) / 1024; i++)
                    nextA[i] = Load(a, flags & VectorA, aStride, depthFirstA, tileRows, tileDepth, item + 256 * i, firstRow, m, depth, end);
                for (int i = 0; i < (tileColumns * tileDepth + 1023) / 1024; i++)
                    nextB[i] = Load(b, flags & VectorB, bStride, depthFirstB, tileColumns, tileDepth, item + 256 * i, firstColumn, n, depth, end);
            }

            if (sumsRow)
            {
                for (int i = 0; i < tileDepth; i++)
                    rowSum += elements[buffer + i * pitchA + item];
            }

            int quadA = (buffer + slice * sliceDepth * pitchA + row) / 4, quadB = (buffer + startB + slice * sliceDepth * pitchB + column) / 4;
            for (int i = 0; i < tileDepth * (tileRows * tileColumns / (32 * warpColumns)) / 8; i++)
            {
                Float4 quad = tiles[quadA + i * (pitchA / 4)];
                left[0] = quad.X;
                left[1] = quad.Y;
                left[2] = quad.Z;
                left[3] = quad.W;
                quad = tiles[quadA + i * (pitchA / 4) + 4];
                left[4] = quad.X;
                left[5] = quad.Y;
                left[6] = quad.Z;
                left[7] = quad.W;
                quad = tiles[quadB + i * (pitchB / 4)];
                right[0] = quad.X;
                right[1] = quad.Y;
                right[2] = quad.Z;
                right[3] = quad.W;
                if (warpColumns == 64)
                {
                    quad = tiles[quadB + i * (pitchB / 4) + 8];
                    right[4] = quad.X;
                    right[5] = quad.Y;
                    right[6] = quad.Z;
                    right[7] = quad.W;
                }

                for (int r = 0; r < 8; r++)
                {
                    for (int s = 0; s < warpColumns / 8; s++)
                        sums[r * (warpColumns / 8) + s] = XMath.Fma(left[r], right[s], sums[r * (warpColumns / 8) + s]);
                }
            }

            buffer = bufferLength - buffer;
            if (depth < end)
            {
                for (int i = 0; i < (tileRows * tileDepth + 1023) / 1024; i++)
                    Store(tiles, buffer, depthFirstA, tileRows, tileDepth, item + 256 * i, nextA[i]);
                for (int i = 0; i < (tileColumns * tileDepth + 1023) / 1024; i++)
                    Store(tiles, buffer + startB, depthFirstB, tileColumns, tileDepth, item + 256 * i, nextB[i]);
            }

            Group.Barrier();
        }

        if (sumsRow && firstRow + item < m)
            rowSums[firstRow + item] = (flags & AccumulateRowSums) != 0 ? rowSums[firstRow + item] + rowSum : rowSum;

        // Slices in pairs, the upper half handing its sums to the lower: at most 128 work items of 32 sums each.
        for (int upper = 4 / (tileRows * tileColumns / (32 * warpColumns)); upper > 0; upper /= 2)
        {
            if (slice >= upper && slice < 2 * upper)
            {
                for (int i = 0; i < warpColumns; i++)
                    elements[i * 128 + ((slice - upper) * parts + part) * 32 + lane] = sums[i];
            }

            Group.Barrier();
            if (slice < upper)
            {
                for (int i = 0; i < warpColumns; i++)
                    sums[i] += elements[i * 128 + (slice * parts + part) * 32 + lane];
            }

            Group.Barrier();
        }

        if (slice > 0)
            return;
        for (int r = 0; r < 8; r++)
        {
            int at = firstRow + row + r / 4 * 16 + (r & 3);
            for (int s = 0; s < warpColumns / 8; s += 4)
            {
                int valid = n - firstColumn - column - 8 * s;
                if (at < m && valid > 0)
                {
                    var sum = new Float4(
                        sums[r * (warpColumns / 8) + s], sums[r * (warpColumns / 8) + s + 1],
                        sums[r * (warpColumns / 8) + s + 2], sums[r * (warpColumns / 8) + s + 3]);
                    if ((flags & HasBias) != 0)
                        sum = Quad.Add(sum, Quad.Load(bias, 0, n - valid, valid));
                    Quad.Put(c, flags & VectorC, (Grid.IdxZ * m + at) * cStride + n - valid, valid, sum, flags & Accumulate);
                }
            }
        }
    }

    /// <summary>
    /// C[r,c] = Σ parts[z,r,c] over the splits z in their order (+ bias) (+ C).
    /// Launch: groups of 256 over rows·⌈columns/4⌉ quads, one a work item.
    /// </summary>
    [Kernel(256)]
    public static void SumSplits(
        ArrayView<float> parts, int splits, int pitch, ArrayView<float> c, int cStride, ArrayView<float> bias, int rows, int columns, int flags)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        Float4 sum = Quad.Load(parts, 1, quad.Row * pitch + quad.Column, 4);
        for (int split = 1; split < splits; split++)
            sum = Quad.Add(sum, Quad.Load(parts, 1, (split * rows + quad.Row) * pitch + quad.Column, 4));
        if ((flags & HasBias) != 0)
            sum = Quad.Add(sum, Quad.Load(bias, 0, quad.Column, quad.Valid));
        Quad.Put(c, flags & VectorC, quad.Row * cStride + quad.Column, quad.Valid, sum, flags & Accumulate);
    }

    /// <summary>Four elements of the tile that begins at (first, depth), neighbours in memory; 0 outside of the operand and from end on.</summary>
    private static Float4 Load(
        ArrayView<float> source, int vector, int stride, int depthFirst, int extent, int tileDepth, int quad, int first, int limit,
        int depth, int end)
    {
        if (quad >= extent * tileDepth / 4)
            return new Float4(0f, 0f, 0f, 0f);
        if (depthFirst != 0)
            return Quad.LoadInside(source, vector, stride, depth + quad / (extent / 4), end, first + quad % (extent / 4) * 4, limit);
        return Quad.LoadInside(source, vector, stride, first + quad / 2 % extent, limit, depth + DepthOf(quad, extent), end);
    }

    /// <summary>Puts what <see cref="Load"/> returned into a tile [depth, extent + 4].</summary>
    private static void Store(ArrayView<Float4> tiles, int start, int depthFirst, int extent, int tileDepth, int quad, Float4 value)
    {
        if (quad >= extent * tileDepth / 4)
            return;
        int pitch = extent + 4;
        if (depthFirst != 0)
        {
            tiles[(start + quad / (extent / 4) * pitch) / 4 + quad % (extent / 4)] = value;
            return;
        }

        ArrayView<float> elements = tiles.Cast<float>();
        int at = start + DepthOf(quad, extent) * pitch + quad / 2 % extent;
        elements[at] = value.X;
        elements[at + pitch] = value.Y;
        elements[at + 2 * pitch] = value.Z;
        elements[at + 3 * pitch] = value.W;
    }

    // Neighbouring work items take two quads of a row, then the next row: whole sectors of 32 bytes, and the 32 stores of a warp go to 32 banks.
    private static int DepthOf(int quad, int extent) => (quad / (2 * extent) * 2 + (quad & 1)) * 4;
}
