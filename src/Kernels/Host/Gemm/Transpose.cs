using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>Square blocks of a row-major matrix, transposed in registers.</summary>
internal static unsafe class Transpose
{
    /// <summary>destination[k, j] = source[j, k] for 8×8 elements; needs AVX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block8(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        // Rows j and j + 4 share a register, so that each 128-bit half is transposed 4×4 by itself.
        Vector256<float> r0 = Halves(source, 4 * sourceRow), r1 = Halves(source + sourceRow, 4 * sourceRow);
        Vector256<float> r2 = Halves(source + 2 * sourceRow, 4 * sourceRow), r3 = Halves(source + 3 * sourceRow, 4 * sourceRow);
        Quarter(r0, r1, r2, r3, destination, destinationRow);
        source += 4;
        r0 = Halves(source, 4 * sourceRow);
        r1 = Halves(source + sourceRow, 4 * sourceRow);
        r2 = Halves(source + 2 * sourceRow, 4 * sourceRow);
        r3 = Halves(source + 3 * sourceRow, 4 * sourceRow);
        Quarter(r0, r1, r2, r3, destination + 4 * destinationRow, destinationRow);
    }

    /// <summary>destination[k, j] = source[j, k] for 4×4 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Block4(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        Vector128<float> r0 = Vector128.Load(source), r1 = Vector128.Load(source + sourceRow);
        Vector128<float> r2 = Vector128.Load(source + 2 * sourceRow), r3 = Vector128.Load(source + 3 * sourceRow);
        Vector128<float> low02 = ZipLow(r0, r2), high02 = ZipHigh(r0, r2), low13 = ZipLow(r1, r3), high13 = ZipHigh(r1, r3);
        Vector128.Store(ZipLow(low02, low13), destination);
        Vector128.Store(ZipHigh(low02, low13), destination + destinationRow);
        Vector128.Store(ZipLow(high02, high13), destination + 2 * destinationRow);
        Vector128.Store(ZipHigh(high02, high13), destination + 3 * destinationRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halves(float* low, nint toHigh) => Vector256.Create(Vector128.Load(low), Vector128.Load(low + toHigh));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarter(
        Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* destination, nint destinationRow)
    {
        Vector256<float> low02 = Avx.UnpackLow(r0, r2), high02 = Avx.UnpackHigh(r0, r2);
        Vector256<float> low13 = Avx.UnpackLow(r1, r3), high13 = Avx.UnpackHigh(r1, r3);
        Vector256.Store(Avx.UnpackLow(low02, low13), destination);
        Vector256.Store(Avx.UnpackHigh(low02, low13), destination + destinationRow);
        Vector256.Store(Avx.UnpackLow(high02, high13), destination + 2 * destinationRow);
        Vector256.Store(Avx.UnpackHigh(high02, high13), destination + 3 * destinationRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipLow(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported)
            return Sse.UnpackLow(a, b);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> ZipHigh(Vector128<float> a, Vector128<float> b)
    {
        if (Sse.IsSupported)
            return Sse.UnpackHigh(a, b);
        return AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
    }
}
