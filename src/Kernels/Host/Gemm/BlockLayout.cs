using System.Runtime.Intrinsics.Arm;
using P6bNative.Kernels.Host.Simd;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>How a packed block of A lies in memory. Constants, so that the micro-kernels need no index registers.</summary>
internal interface IBlockLayout
{
    /// <summary>From one row to the next.</summary>
    static abstract int Row { get; }

    /// <summary>From one k to the next.</summary>
    static abstract int Step { get; }
}

/// <summary>Rows of A, one after the other.</summary>
internal readonly struct RowLayout : IBlockLayout
{
    public static int Row => Product.DepthBlock;

    public static int Step => 1;
}

/// <summary>Rows of Aᵀ, cut into a strip for each tile: for each k the tile's few elements, in whole vectors.</summary>
internal readonly struct StripLayout<T> : IBlockLayout
    where T : unmanaged, IVector<T>
{
    public static int Row => 1;

    public static int Step => T.Count == 16 ? 16 : AdvSimd.IsSupported ? 12 : 8;

    /// <summary>From one strip to the next; one cache line more than its elements, so that strips do not compete for the same cache sets.</summary>
    public static int Length(int depth) => depth * Step + 16;
}
