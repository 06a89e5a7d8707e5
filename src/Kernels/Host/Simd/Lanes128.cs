using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>Sixteen lanes in four 128-bit registers.</summary>
internal readonly unsafe struct Lanes128(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d) : ILanes16<Lanes128>
{
    private readonly Vector128<float> _a = a;
    private readonly Vector128<float> _b = b;
    private readonly Vector128<float> _c = c;
    private readonly Vector128<float> _d = d;

    public static Lanes128 LaneBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(
            Vector128<uint>.Indices.AsSingle(),
            (Vector128<uint>.Indices + Vector128.Create(4u)).AsSingle(),
            (Vector128<uint>.Indices + Vector128.Create(8u)).AsSingle(),
            (Vector128<uint>.Indices + Vector128.Create(12u)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(float* source) =>
        new(Vector128.Load(source), Vector128.Load(source + 4), Vector128.Load(source + 8), Vector128.Load(source + 12));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, float* destination)
    {
        Vector128.Store(value._a, destination);
        Vector128.Store(value._b, destination + 4);
        Vector128.Store(value._c, destination + 8);
        Vector128.Store(value._d, destination + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Create(float value) => All(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 CreateBits(uint value) => All(Vector128.Create(value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator +(Lanes128 a, Lanes128 b) => new(a._a + b._a, a._b + b._b, a._c + b._c, a._d + b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator -(Lanes128 a, Lanes128 b) => new(a._a - b._a, a._b - b._b, a._c - b._c, a._d - b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator *(Lanes128 a, Lanes128 b) => new(a._a * b._a, a._b * b._b, a._c * b._c, a._d * b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator /(Lanes128 a, Lanes128 b) => new(a._a / b._a, a._b / b._b, a._c / b._c, a._d / b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Fma(Lanes128 a, Lanes128 b, Lanes128 c) =>
        new(Fma(a._a, b._a, c._a), Fma(a._b, b._b, c._b), Fma(a._c, b._c, c._c), Fma(a._d, b._d, c._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Sqrt(Lanes128 a) => new(Vector128.Sqrt(a._a), Vector128.Sqrt(a._b), Vector128.Sqrt(a._c), Vector128.Sqrt(a._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 a, Lanes128 b) => new(Max(a._a, b._a), Max(a._b, b._b), Max(a._c, b._c), Max(a._d, b._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 a, Lanes128 b) => new(Min(a._a, b._a), Min(a._b, b._b), Min(a._c, b._c), Min(a._d, b._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 GreaterThan(Lanes128 a, Lanes128 b) => new(
        Vector128.GreaterThan(a._a, b._a),
        Vector128.GreaterThan(a._b, b._b),
        Vector128.GreaterThan(a._c, b._c),
        Vector128.GreaterThan(a._d, b._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Select(Lanes128 mask, Lanes128 a, Lanes128 b) => new(
        Vector128.ConditionalSelect(mask._a, a._a, b._a),
        Vector128.ConditionalSelect(mask._b, a._b, b._b),
        Vector128.ConditionalSelect(mask._c, a._c, b._c),
        Vector128.ConditionalSelect(mask._d, a._d, b._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator &(Lanes128 a, Lanes128 b) => new(a._a & b._a, a._b & b._b, a._c & b._c, a._d & b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator |(Lanes128 a, Lanes128 b) => new(a._a | b._a, a._b | b._b, a._c | b._c, a._d | b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 operator ^(Lanes128 a, Lanes128 b) => new(a._a ^ b._a, a._b ^ b._b, a._c ^ b._c, a._d ^ b._d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddBits(Lanes128 a, Lanes128 b) => new(
        (a._a.AsUInt32() + b._a.AsUInt32()).AsSingle(),
        (a._b.AsUInt32() + b._b.AsUInt32()).AsSingle(),
        (a._c.AsUInt32() + b._c.AsUInt32()).AsSingle(),
        (a._d.AsUInt32() + b._d.AsUInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyBits(Lanes128 a, Lanes128 b) => new(
        (a._a.AsUInt32() * b._a.AsUInt32()).AsSingle(),
        (a._b.AsUInt32() * b._b.AsUInt32()).AsSingle(),
        (a._c.AsUInt32() * b._c.AsUInt32()).AsSingle(),
        (a._d.AsUInt32() * b._d.AsUInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftLeftBits(Lanes128 a, int count) => new(
        (a._a.AsUInt32() << count).AsSingle(),
        (a._b.AsUInt32() << count).AsSingle(),
        (a._c.AsUInt32() << count).AsSingle(),
        (a._d.AsUInt32() << count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ShiftRightBits(Lanes128 a, int count) => new(
        (a._a.AsUInt32() >> count).AsSingle(),
        (a._b.AsUInt32() >> count).AsSingle(),
        (a._c.AsUInt32() >> count).AsSingle(),
        (a._d.AsUInt32() >> count).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AtLeastBits(Lanes128 a, Lanes128 b) => new(
        Vector128.GreaterThanOrEqual(a._a.AsUInt32(), b._a.AsUInt32()).AsSingle(),
        Vector128.GreaterThanOrEqual(a._b.AsUInt32(), b._b.AsUInt32()).AsSingle(),
        Vector128.GreaterThanOrEqual(a._c.AsUInt32(), b._c.AsUInt32()).AsSingle(),
        Vector128.GreaterThanOrEqual(a._d.AsUInt32(), b._d.AsUInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Lanes128 a) => SumOf((a._a + a._c) + (a._b + a._d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreSums(Lanes128 a, Lanes128 b, Lanes128 c, Lanes128 d, float* destination) => StoreSumsOf(
        (a._a + a._c) + (a._b + a._d), (b._a + b._c) + (b._b + b._d), (c._a + c._c) + (c._b + c._d), (d._a + d._c) + (d._b + d._d), destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Maximum(Lanes128 a) => MaximumOf(Max(Max(a._a, a._c), Max(a._b, a._d)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float SumOf(Vector128<float> a)
    {
        Vector128<float> pair = a + Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1));
        return pair.GetElement(0) + pair.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreSumsOf(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* destination)
    {
        if (!X86.Sse3.IsSupported)
        {
            Vector128.Store(Vector128.Create(SumOf(a), SumOf(b), SumOf(c), SumOf(d)), destination);
            return;
        }

        Vector128<float> pairsAB = X86.Sse.MoveLowToHigh(a, b) + X86.Sse.MoveHighToLow(b, a);
        Vector128<float> pairsCD = X86.Sse.MoveLowToHigh(c, d) + X86.Sse.MoveHighToLow(d, c);
        Vector128.Store(X86.Sse3.HorizontalAdd(pairsAB, pairsCD), destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static float MaximumOf(Vector128<float> a)
    {
        Vector128<float> pair = Max(a, Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1)));
        return pair.GetElement(0) > pair.GetElement(1) ? pair.GetElement(0) : pair.GetElement(1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => X86.Sse.IsSupported
        ? X86.Sse.Max(a, b)
        : Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => X86.Sse.IsSupported
        ? X86.Sse.Min(a, b)
        : Vector128.ConditionalSelect(Vector128.LessThan(a, b), a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Fma(Vector128<float> a, Vector128<float> b, Vector128<float> c) => X86.Fma.IsSupported || AdvSimd.IsSupported
        ? Vector128.FusedMultiplyAdd(a, b, c)
        : a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Lanes128 All(Vector128<float> value) => new(value, value, value, value);
}
