using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using P6bNative.Kernels.Host.Simd;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>Copies parts of A and B into the order in which the micro-kernels read them.</summary>
internal static unsafe class Packing
{
    private const int StripRowsAhead = 4;

    /// <summary>panel[k, j] = B[k, j] for a panel of two vectors; columns from <paramref name="columns"/> on are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows<T>(float* b, nint bRow, nint depth, nint columns, float* panel)
        where T : unmanaged, IVector<T>
    {
        if (columns == 2 * T.Count)
        {
            for (nint k = 0; k < depth; k++, b += bRow, panel += 2 * T.Count)
            {
                T.Store(T.Load(b), panel);
                T.Store(T.Load(b + T.Count), panel + T.Count);
            }
            return;
        }
        for (nint k = 0; k < depth; k++, b += bRow, panel += 2 * T.Count)
        {
            for (nint j = 0; j < 2 * T.Count; j++)
                panel[j] = j < columns ? b[j] : 0;
        }
    }

    /// <summary>panel[k, j] = B[j, k] for a panel of two vectors; columns from <paramref name="columns"/> on are zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns<T>(float* b, nint bRow, nint depth, nint columns, float* panel)
        where T : unmanaged, IVector<T>
    {
        nint done = 0;
        if (columns == 2 * T.Count && T.Count >= 8 && Avx.IsSupported)
        {
            // Whole cache lines at a time: rows of B a power of two apart share a cache set, which holds eight of them.
            for (; done + 16 <= depth; done += 16)
            {
                for (nint j = 0; j < columns; j += 8)
                {
                    Transpose.Block8(b + j * bRow + done, bRow, panel + done * columns + j, columns);
                    Transpose.Block8(b + j * bRow + done + 8, bRow, panel + (done + 8) * columns + j, columns);
                }
            }
        }
        else if (columns == 2 * T.Count && T.Count >= 4)
        {
            for (; done + 4 <= depth; done += 4)
            {
                for (nint j = 0; j < columns; j += 4)
                    Transpose.Block4(b + j * bRow + done, bRow, panel + done * columns + j, columns);
            }
        }
        for (nint k = done; k < depth; k++)
        {
            for (nint j = 0; j < 2 * T.Count; j++)
                panel[k * 2 * T.Count + j] = j < columns ? b[j * bRow + k] : 0;
        }
    }

    /// <summary>block[i, k] = A[i, k]</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Block<T>(float* a, nint aRow, nint rows, nint depth, float* block)
        where T : unmanaged, IVector<T>
    {
        for (nint i = 0; i < rows; i++, a += aRow, block += RowLayout.Row)
        {
            nint k = 0;
            for (; k + 2 * T.Count <= depth; k += 2 * T.Count)
            {
                T.Store(T.Load(a + k), block + k);
                T.Store(T.Load(a + k + T.Count), block + k + T.Count);
            }
            for (; k < depth; k++)
                block[k] = a[k];
        }
    }

    /// <summary>
    /// strip[k, i] = A[k, i] for each tile of rows of Aᵀ, the tiles as even as can be. Whole vectors are copied where A has that many
    /// columns. k runs outside, so that every cache line of A is read once; rows of A are too short for the hardware's own prefetcher.
    /// </summary>
    /// <param name="a">First element of the block.</param>
    /// <param name="aRow">From one k to the next in A.</param>
    /// <param name="depth">Number of k.</param>
    /// <param name="rows">Rows of Aᵀ in the block.</param>
    /// <param name="tiles">Number of strips.</param>
    /// <param name="columnsLeft">Columns of A from the block's first on.</param>
    /// <param name="strips">Written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strips<T>(float* a, nint aRow, int depth, nint rows, nint tiles, nint columnsLeft, float* strips)
        where T : unmanaged, IVector<T>
    {
        nint small = rows / tiles, larger = rows - small * tiles;
        nint length = StripLayout<T>.Length(depth), safe = columnsLeft - StripLayout<T>.Step;
        for (nint k = 0; k < depth; k++, a += aRow, strips += StripLayout<T>.Step)
        {
            if (Sse.IsSupported && k + StripRowsAhead < depth)
            {
                for (nint i = 0; i < rows; i += 16)
                    Sse.Prefetch0(a + StripRowsAhead * aRow + i);
            }
            float* strip = strips;
            nint first = 0;
            for (nint t = 0; t < tiles; t++, strip += length)
            {
                nint count = t < larger ? small + 1 : small;
                if (first <= safe)
                {
                    for (nint i = 0; i < StripLayout<T>.Step; i += T.Count)
                        T.Store(T.Load(a + first + i), strip + i);
                }
                else
                {
                    for (nint i = 0; i < count; i++)
                        strip[i] = a[first + i];
                }
                first += count;
            }
        }
    }
}
