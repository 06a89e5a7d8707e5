using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using P6bNative.Kernels.Host.Simd;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>Copies parts of A and B into the order in which the micro-kernels read them.</summary>
internal static unsafe class Packing
{
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
            for (; done + 8 <= depth; done += 8)
            {
                for (nint j = 0; j < columns; j += 8)
                    Transpose.Block8(b + j * bRow + done, bRow, panel + done * columns + j, columns);
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

    /// <summary>strip[k, i] = A[k, i] for i below <paramref name="rows"/>; up to whole vectors are copied where A has that many columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Strip<T>(float* a, nint aRow, nint depth, nint rows, nint columnsLeft, float* strip)
        where T : unmanaged, IVector<T>
    {
        if ((rows + T.Count - 1) / T.Count * T.Count <= columnsLeft)
        {
            for (nint k = 0; k < depth; k++, a += aRow, strip += StripLayout<T>.Step)
            {
                for (nint i = 0; i < rows; i += T.Count)
                    T.Store(T.Load(a + i), strip + i);
            }
            return;
        }
        for (nint k = 0; k < depth; k++, a += aRow, strip += StripLayout<T>.Step)
        {
            for (nint i = 0; i < rows; i++)
                strip[i] = a[i];
        }
    }
}
