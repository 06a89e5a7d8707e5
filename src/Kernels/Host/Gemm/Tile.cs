using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using P6bNative.Kernels.Host.Simd;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>Arguments of a micro-kernel: a few rows by two vectors of C, and one block of k.</summary>
internal unsafe struct Tile
{
    /// <summary>Number of steps over k.</summary>
    public nint Depth;

    /// <summary>First element of A, packed.</summary>
    public float* A;

    /// <summary>A packed panel: two vectors for each k.</summary>
    public float* B;

    /// <summary>Written: two vectors for each row.</summary>
    public float* C;

    /// <summary>From one row to the next in C.</summary>
    public nint CRow;

    /// <summary>Added to the sum: C itself, the bias, or null for nothing.</summary>
    public float* Addend;

    /// <summary>From one row to the next in the addend; 0 for a bias.</summary>
    public nint AddendRow;

    /// <summary>A line that will be packed soon; the micro-kernel asks for it and its followers.</summary>
    public float* Ahead;

    /// <summary>From one such line to the next.</summary>
    public nint AheadStep;

    /// <summary>Asks for the rows of C early: their latency would come after the last FMA.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void PrefetchC(nint rows)
    {
        if (Sse.IsSupported)
        {
            float* c = C;
            for (nint i = 0; i < rows; i++, c += CRow)
                Sse.Prefetch0(c);
        }
    }

    /// <summary>Asks for a line that will be packed soon.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchAhead(float* line)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1(line);
    }

    /// <summary>Stores two vectors of C, the addend added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<T>(nint row, T left, T right)
        where T : unmanaged, IVector<T>
    {
        if (Addend != null)
        {
            float* addend = Addend + row * AddendRow;
            left = T.Load(addend) + left;
            right = T.Load(addend + T.Count) + right;
        }
        float* c = C + row * CRow;
        T.Store(left, c);
        T.Store(right, c + T.Count);
    }
}
