using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>One register of floats, as the matrix product needs it. Kernels are written once over it; the width is a type argument.</summary>
internal unsafe interface IVector<T>
    where T : unmanaged, IVector<T>
{
    /// <summary>Floats in the register.</summary>
    static abstract int Count { get; }

    static abstract T Load(float* source);

    static abstract void Store(T value, float* destination);

    /// <summary>The same value in every lane.</summary>
    static abstract T Create(float value);

    /// <summary>
    /// sum ← a·b + sum, rounded once where the processor can (<see cref="VectorWidths.IsFused"/>). By reference, and with the processor
    /// asked here, because the compiler then updates the register in place; a returned value costs a move per FMA.
    /// </summary>
    static abstract void MultiplyAdd(ref T sum, T a, T b);

    static abstract T operator +(T a, T b);
}

/// <summary>512 bits: AVX-512.</summary>
internal unsafe struct W512(Vector512<float> value) : IVector<W512>
{
    private Vector512<float> _value = value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(W512 value, float* destination) => Vector512.Store(value._value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(ref W512 sum, W512 a, W512 b)
    {
        if (X86.Fma.IsSupported || AdvSimd.IsSupported)
            sum._value = Vector512.FusedMultiplyAdd(a._value, b._value, sum._value);
        else
            sum._value = a._value * b._value + sum._value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W512 operator +(W512 a, W512 b) => new(a._value + b._value);
}

/// <summary>256 bits: AVX2.</summary>
internal unsafe struct W256(Vector256<float> value) : IVector<W256>
{
    private Vector256<float> _value = value;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(W256 value, float* destination) => Vector256.Store(value._value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W256 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(ref W256 sum, W256 a, W256 b)
    {
        if (X86.Fma.IsSupported || AdvSimd.IsSupported)
            sum._value = Vector256.FusedMultiplyAdd(a._value, b._value, sum._value);
        else
            sum._value = a._value * b._value + sum._value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W256 operator +(W256 a, W256 b) => new(a._value + b._value);
}

/// <summary>128 bits: SSE or NEON.</summary>
internal unsafe struct W128(Vector128<float> value) : IVector<W128>
{
    private Vector128<float> _value = value;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W128 Load(float* source) => new(Vector128.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(W128 value, float* destination) => Vector128.Store(value._value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W128 Create(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(ref W128 sum, W128 a, W128 b)
    {
        if (X86.Fma.IsSupported || AdvSimd.IsSupported)
            sum._value = Vector128.FusedMultiplyAdd(a._value, b._value, sum._value);
        else
            sum._value = a._value * b._value + sum._value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W128 operator +(W128 a, W128 b) => new(a._value + b._value);
}

/// <summary>One float.</summary>
internal unsafe struct W1(float value) : IVector<W1>
{
    private float _value = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W1 Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(W1 value, float* destination) => *destination = value._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W1 Create(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAdd(ref W1 sum, W1 a, W1 b)
    {
        if (X86.Fma.IsSupported || AdvSimd.IsSupported)
            sum._value = MathF.FusedMultiplyAdd(a._value, b._value, sum._value);
        else
            sum._value = a._value * b._value + sum._value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static W1 operator +(W1 a, W1 b) => new(a._value + b._value);
}
