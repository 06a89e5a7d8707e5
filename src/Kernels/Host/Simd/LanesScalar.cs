using System.Runtime.CompilerServices;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>Sixteen lanes one after the other: for processors without vectors, and the plain reading of what a lane means.</summary>
[InlineArray(16)]
internal unsafe struct LanesScalar : ILanes16<LanesScalar>
{
    private float _lane;

    public static LanesScalar LaneBits
    {
        get
        {
            LanesScalar result = default;
            for (int i = 0; i < 16; i++)
                result[i] = Float((uint)i);
            return result;
        }
    }

    public static LanesScalar Load(float* source)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = source[i];
        return result;
    }

    public static void Store(LanesScalar value, float* destination)
    {
        for (int i = 0; i < 16; i++)
            destination[i] = value[i];
    }

    public static LanesScalar Create(float value)
    {
        LanesScalar result = default;
        for (int i = 0; i < 16; i++)
            result[i] = value;
        return result;
    }

    public static LanesScalar CreateBits(uint value) => Create(Float(value));

    public static LanesScalar operator +(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] += b[i];
        return a;
    }

    public static LanesScalar operator -(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] -= b[i];
        return a;
    }

    public static LanesScalar operator *(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] *= b[i];
        return a;
    }

    public static LanesScalar operator /(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] /= b[i];
        return a;
    }

    public static LanesScalar Fma(LanesScalar a, LanesScalar b, LanesScalar c)
    {
        for (int i = 0; i < 16; i++)
            c[i] = VectorWidths.IsFused ? MathF.FusedMultiplyAdd(a[i], b[i], c[i]) : a[i] * b[i] + c[i];
        return c;
    }

    public static LanesScalar Sqrt(LanesScalar a)
    {
        for (int i = 0; i < 16; i++)
            a[i] = MathF.Sqrt(a[i]);
        return a;
    }

    public static LanesScalar Max(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = a[i] > b[i] ? a[i] : b[i];
        return a;
    }

    public static LanesScalar Min(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = a[i] < b[i] ? a[i] : b[i];
        return a;
    }

    public static LanesScalar GreaterThan(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Mask(a[i] > b[i]);
        return a;
    }

    public static LanesScalar Select(LanesScalar mask, LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float((Bits(a[i]) & Bits(mask[i])) | (Bits(b[i]) & ~Bits(mask[i])));
        return a;
    }

    public static LanesScalar operator &(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) & Bits(b[i]));
        return a;
    }

    public static LanesScalar operator |(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) | Bits(b[i]));
        return a;
    }

    public static LanesScalar operator ^(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) ^ Bits(b[i]));
        return a;
    }

    public static LanesScalar AddBits(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) + Bits(b[i]));
        return a;
    }

    public static LanesScalar MultiplyBits(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) * Bits(b[i]));
        return a;
    }

    public static LanesScalar ShiftLeftBits(LanesScalar a, int count)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) << count);
        return a;
    }

    public static LanesScalar ShiftRightBits(LanesScalar a, int count)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Float(Bits(a[i]) >> count);
        return a;
    }

    public static LanesScalar AtLeastBits(LanesScalar a, LanesScalar b)
    {
        for (int i = 0; i < 16; i++)
            a[i] = Mask(Bits(a[i]) >= Bits(b[i]));
        return a;
    }

    public static float Sum(LanesScalar a)
    {
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                a[i] += a[i + half];
        }
        return a[0];
    }

    public static void StoreSums(LanesScalar a, LanesScalar b, LanesScalar c, LanesScalar d, float* destination)
    {
        destination[0] = Sum(a);
        destination[1] = Sum(b);
        destination[2] = Sum(c);
        destination[3] = Sum(d);
    }

    public static float Maximum(LanesScalar a)
    {
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                a[i] = a[i] > a[i + half] ? a[i] : a[i + half];
        }
        return a[0];
    }

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static float Float(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    private static float Mask(bool set) => Float(set ? uint.MaxValue : 0u);
}
