using System.Runtime.CompilerServices;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>Functions over sixteen lanes: the same bits on every width.</summary>
internal static unsafe class LaneMath
{
    // Adding 1.5·2²³ leaves a float's integer part, rounded to even, in the low bits.
    private const float RoundingShift = 12582912f;

    /// <summary><see cref="Operations.CounterRandom.Bits"/> of the elements firstIndex .. firstIndex + 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L RandomBits<L>(uint firstIndex, uint key0, uint key1)
        where L : unmanaged, ILanes16<L>
    {
        L x = L.AddBits(L.LaneBits, L.CreateBits(firstIndex + key0));
        x ^= L.ShiftRightBits(x, 16);
        x = L.MultiplyBits(x, L.CreateBits(0x7FEB352Du));
        x ^= L.AddBits(L.ShiftRightBits(x, 15), L.CreateBits(key1));
        x = L.MultiplyBits(x, L.CreateBits(0x846CA68Bu));
        return x ^ L.ShiftRightBits(x, 16);
    }

    /// <summary>
    /// eˣ, relative error below 1e-7: x = n·ln 2 + r with ln 2 in two parts (Cody and Waite 1980), a degree-6 polynomial in r, and
    /// 2ⁿ as two factors, so that results down to the smallest subnormal are right. Overflow gives infinity; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Exp<L>(L x)
        where L : unmanaged, ILanes16<L>
    {
        L shift = L.Create(RoundingShift);
        x = L.Max(L.Create(-104f), L.Min(L.Create(89f), x));
        L n = L.Fma(x, L.Create(1.44269504f), shift) - shift;
        L r = L.Fma(n, L.Create(-0.693359375f), x);
        r = L.Fma(n, L.Create(2.12194440e-4f), r);

        // (eʳ − 1 − r)/r² on |r| ≤ ln 2/2, least squares on Chebyshev points; relative error of eʳ 5e-9.
        L p = L.Create(0.00139465614f);
        p = L.Fma(p, r, L.Create(0.00836922321f));
        p = L.Fma(p, r, L.Create(0.0416662619f));
        p = L.Fma(p, r, L.Create(0.166665152f));
        p = L.Fma(p, r, L.Create(0.5f));
        p = L.Fma(p, r * r, r) + L.Create(1f);

        L half = L.Fma(n, L.Create(0.5f), shift);
        L rest = n - (half - shift) + shift;
        return p * PowerOfTwo(half) * PowerOfTwo(rest);
    }

    /// <summary>
    /// erf(x), absolute error below 1.2e-7, relative error below 2e-7 near 0: x + x·P(x²) up to |x| = 0.92, sign(x)·(1 − e^Q(|x|)) beyond.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Erf<L>(L x)
        where L : unmanaged, ILanes16<L>
    {
        L signBit = L.CreateBits(0x80000000u);
        L t = x & L.CreateBits(0x7FFFFFFFu);

        // Both polynomials: least squares on Chebyshev points; P to 3e-9 relative, e^Q = erfc to 6e-10 on [0.9, 4].
        L s = x * x;
        L p = L.Create(8.32219594e-05f);
        p = L.Fma(p, s, L.Create(-0.000813353341f));
        p = L.Fma(p, s, L.Create(0.0052004829f));
        p = L.Fma(p, s, L.Create(-0.0268593244f));
        p = L.Fma(p, s, L.Create(0.112836987f));
        p = L.Fma(p, s, L.Create(-0.376126349f));
        p = L.Fma(p, s, L.Create(0.128379166f));
        p = L.Fma(p, x, x);

        // erf(4) rounds to 1.
        L c = L.Min(L.Create(4f), t);
        L q = L.Create(-2.05178058e-05f);
        q = L.Fma(q, c, L.Create(0.000427964929f));
        q = L.Fma(q, c, L.Create(-0.00414043758f));
        q = L.Fma(q, c, L.Create(0.0250410326f));
        q = L.Fma(q, c, L.Create(-0.108162306f));
        q = L.Fma(q, c, L.Create(-0.633450866f));
        q = L.Fma(q, c, L.Create(-1.12946498f));
        q = L.Fma(q, c, L.Create(0.000164602068f));
        q = (L.Create(1f) - Exp(q)) | (x & signBit);

        return L.Select(L.GreaterThan(t, L.Create(0.92f)), q, p);
    }

    /// <summary>σ(x) = 1/(1 + e^(−x)), relative error below 2.5e-7.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Sigmoid<L>(L x)
        where L : unmanaged, ILanes16<L>
    {
        L one = L.Create(1f);
        return one / (one + Exp(x ^ L.CreateBits(0x80000000u)));
    }

    /// <summary>tanh(x), relative error below 2.5e-7: x + x·s·P(s) with s = x² up to |x| = 0.7, sign(x)·(1 − 2/(e^(2|x|) + 1)) beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Tanh<L>(L x)
        where L : unmanaged, ILanes16<L>
    {
        L signBit = L.CreateBits(0x80000000u);
        L t = x & L.CreateBits(0x7FFFFFFFu);

        // Least squares on Chebyshev points; 1.6e-8 relative.
        L s = x * x;
        L p = L.Create(-0.00513873668f);
        p = L.Fma(p, s, L.Create(0.0200916138f));
        p = L.Fma(p, s, L.Create(-0.0535584465f));
        p = L.Fma(p, s, L.Create(0.133290976f));
        p = L.Fma(p, s, L.Create(-0.333331883f));
        p = L.Fma(p, s * x, x);

        L one = L.Create(1f);
        L q = one - L.Create(2f) / (Exp(t + t) + one);
        return L.Select(L.GreaterThan(t, L.Create(0.7f)), q, p) | (x & signBit);
    }

    /// <summary>2ⁱ of integers i in [−126, 127], given as i + <see cref="RoundingShift"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L PowerOfTwo<L>(L shifted)
        where L : unmanaged, ILanes16<L> => L.AddBits(L.ShiftLeftBits(shifted, 23), L.CreateBits(0x3F800000u));
}
