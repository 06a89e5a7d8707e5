using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>Sixteen lanes in two 256-bit registers.</summary>
internal readonly unsafe struct Lanes256(Vector256<float> a, Vector256<float> b) : ILanes16<Lanes256>
{
    private readonly Vector256<float> _a = a;
    private readonly Vector256<float> _b = b;

    public static Lanes256 LaneBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(
            Vector256<uint>.Indices.AsSingle(),
            (Vector256<uint>.Indices + Vector256.Create(8u)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(float* source) => new(Vector256.Load(source), Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 value, float* destination)
    {
        Vector256.Store(value._a, destination);
        Vector256.Store(value._b, destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Create(float value) => All(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 CreateBits(uint value) => All(Vector256.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator +(Lanes256 a, Lanes256 b) => new(a._a + b._a, a._b + b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator -(Lanes256 a, Lanes256 b) => new(a._a - b._a, a._b - b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator *(Lanes256 a, Lanes256 b) => new(a._a * b._a, a._b * b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator /(Lanes256 a, Lanes256 b) => new(a._a / b._a, a._b / b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Fma(Lanes256 a, Lanes256 b, Lanes256 c) => new(Fma(a._a, b._a, c._a), Fma(a._b, b._b, c._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Sqrt(Lanes256 a) => new(Vector256.Sqrt(a._a), Vector256.Sqrt(a._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Max(a._a, b._a), Max(a._b, b._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 a, Lanes256 b) => new(Min(a._a, b._a), Min(a._b, b._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 GreaterThan(Lanes256 a, Lanes256 b) => new(Vector256.GreaterThan(a._a, b._a), Vector256.GreaterThan(a._b, b._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Select(Lanes256 mask, Lanes256 a, Lanes256 b) =>
        new(Vector256.ConditionalSelect(mask._a, a._a, b._a), Vector256.ConditionalSelect(mask._b, a._b, b._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator &(Lanes256 a, Lanes256 b) => new(a._a & b._a, a._b & b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator |(Lanes256 a, Lanes256 b) => new(a._a | b._a, a._b | b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 operator ^(Lanes256 a, Lanes256 b) => new(a._a ^ b._a, a._b ^ b._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddBits(Lanes256 a, Lanes256 b) =>
        new((a._a.AsUInt32() + b._a.AsUInt32()).AsSingle(), (a._b.AsUInt32() + b._b.AsUInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyBits(Lanes256 a, Lanes256 b) =>
        new((a._a.AsUInt32() * b._a.AsUInt32()).AsSingle(), (a._b.AsUInt32() * b._b.AsUInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftLeftBits(Lanes256 a, int count) => new((a._a.AsUInt32() << count).AsSingle(), (a._b.AsUInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ShiftRightBits(Lanes256 a, int count) => new((a._a.AsUInt32() >> count).AsSingle(), (a._b.AsUInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AtLeastBits(Lanes256 a, Lanes256 b) => new(
        Vector256.GreaterThanOrEqual(a._a.AsUInt32(), b._a.AsUInt32()).AsSingle(),
        Vector256.GreaterThanOrEqual(a._b.AsUInt32(), b._b.AsUInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes256 a) => SumOf(a._a + a._b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Lanes256 a, Lanes256 b, Lanes256 c, Lanes256 d, float* destination) =>
        StoreSumsOf(a._a + a._b, b._a + b._b, c._a + c._b, d._a + d._b, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum(Lanes256 a) => MaximumOf(Max(a._a, a._b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumOf(Vector256<float> a) => Lanes128.SumOf(a.GetLower() + a.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreSumsOf(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, float* destination) =>
        Lanes128.StoreSumsOf(
            a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper(), destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float MaximumOf(Vector256<float> a) => Lanes128.MaximumOf(Lanes128.Max(a.GetLower(), a.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => X86.Avx.IsSupported
        ? X86.Avx.Max(a, b)
        : Vector256.ConditionalSelect(Vector256.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => X86.Avx.IsSupported
        ? X86.Avx.Min(a, b)
        : Vector256.ConditionalSelect(Vector256.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => X86.Fma.IsSupported || AdvSimd.IsSupported
        ? Vector256.FusedMultiplyAdd(a, b, c)
        : a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes256 All(Vector256<float> value) => new(value, value);
}
