using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests.Host;

public sealed unsafe class LaneMathTests
{
    private static readonly float[] Special =
    [
        0f, -0f, float.Epsilon, 1e-40f, 1e-20f, 0.92f, 0.9200001f, 1f, 4f, 87f, 88.72f, 88.73f, 103f, 104f, 1e30f,
        float.PositiveInfinity, float.NegativeInfinity, float.NaN,
    ];

    private interface IFunction
    {
        static abstract L Of<L>(L x)
            where L : unmanaged, ILanes16<L>;
    }

    [Fact]
    public void Exp_is_within_1e_7_relative()
    {
        double worst = 0;
        foreach (float x in Grid(-87f, 88.7f))
            worst = Math.Max(worst, Math.Abs(Apply<ExpOf, Lanes128>(x) / Math.Exp(x) - 1));
        Assert.InRange(worst, 1e-9, 1e-7);
    }

    [Fact]
    public void Exp_of_the_extremes()
    {
        Assert.Equal(1f, Apply<ExpOf, Lanes256>(0f));
        Assert.Equal(float.PositiveInfinity, Apply<ExpOf, Lanes256>(88.8f));
        Assert.Equal(float.PositiveInfinity, Apply<ExpOf, Lanes256>(float.PositiveInfinity));
        Assert.Equal(0f, Apply<ExpOf, Lanes256>(-104f));
        Assert.Equal(0f, Apply<ExpOf, Lanes256>(float.NegativeInfinity));
        Assert.True(float.IsNaN(Apply<ExpOf, Lanes256>(float.NaN)));
        Assert.Equal(Math.Exp(-100), Apply<ExpOf, Lanes256>(-100f), float.Epsilon);
    }

    [Fact]
    public void Erf_is_within_1_2e_7_and_relatively_good_near_zero()
    {
        double worst = 0, relative = 0;
        foreach (float x in Grid(-5f, 5f))
        {
            double error = Math.Abs(Apply<ErfOf, Lanes256>(x) - Erf(x));
            worst = Math.Max(worst, error);
            if (x != 0 && Math.Abs(x) < 0.5)
                relative = Math.Max(relative, error / Math.Abs(Erf(x)));
        }
        Assert.InRange(worst, 1e-9, 1.2e-7);
        Assert.InRange(relative, 1e-9, 2e-7);
        Assert.Equal(1f, Apply<ErfOf, Lanes256>(float.PositiveInfinity));
        Assert.Equal(-1f, Apply<ErfOf, Lanes256>(-7f));
        Assert.True(float.IsNaN(Apply<ErfOf, Lanes256>(float.NaN)));
        Assert.True(float.IsNegative(Apply<ErfOf, Lanes256>(-0f)));
    }

    [Fact]
    public void Sigmoid_and_tanh_are_within_2_5e_7_relative()
    {
        double sigmoid = 0, tanh = 0;
        foreach (float x in Grid(-80f, 20f).Concat(Grid(-1.5f, 1.5f)))
        {
            sigmoid = Math.Max(sigmoid, Math.Abs(Apply<SigmoidOf, Lanes256>(x) * (1 + Math.Exp(-x)) - 1));
            if (x != 0)
                tanh = Math.Max(tanh, Math.Abs(Apply<TanhOf, Lanes256>(x) / Math.Tanh(x) - 1));
        }

        Assert.InRange(sigmoid, 1e-9, 2.5e-7);
        Assert.InRange(tanh, 1e-9, 2.5e-7);
        Assert.Equal((0f, 1f), (Apply<SigmoidOf, Lanes256>(float.NegativeInfinity), Apply<SigmoidOf, Lanes256>(float.PositiveInfinity)));
        Assert.Equal((-1f, 1f), (Apply<TanhOf, Lanes256>(float.NegativeInfinity), Apply<TanhOf, Lanes256>(float.PositiveInfinity)));
        Assert.True(float.IsNaN(Apply<SigmoidOf, Lanes256>(float.NaN)) && float.IsNaN(Apply<TanhOf, Lanes256>(float.NaN)));
        Assert.True(float.IsNegative(Apply<TanhOf, Lanes256>(-0f)));
    }

    [Fact]
    public void Every_width_gives_the_same_bits()
    {
        var random = new Random(5);
        float* x = stackalloc float[16];
        for (int round = 0; round < 2000; round++)
        {
            for (int i = 0; i < 16; i++)
                x[i] = random.Next(8) == 0 ? Sign(random) * Special[random.Next(Special.Length)] : (float)(random.NextDouble() * 20 - 10);
            uint[] expected = AllFunctions<LanesScalar>(x);
            Assert.Equal(expected, AllFunctions<Lanes128>(x));
            Assert.Equal(expected, AllFunctions<Lanes256>(x));
            Assert.Equal(expected, AllFunctions<Lanes512>(x));
        }
    }

    [Fact]
    public void Random_bits_are_those_of_CounterRandom()
    {
        var random = new Random(6);
        for (int round = 0; round < 500; round++)
        {
            uint first = (uint)random.NextInt64(1L << 32), key0 = (uint)random.NextInt64(1L << 32), key1 = (uint)random.NextInt64(1L << 32);
            uint[] expected = [.. Enumerable.Range(0, 16).Select(i => CounterRandom.Bits(first + (uint)i, key0, key1))];
            Assert.Equal(expected, BitsOf(LaneMath.RandomBits<LanesScalar>(first, key0, key1)));
            Assert.Equal(expected, BitsOf(LaneMath.RandomBits<Lanes128>(first, key0, key1)));
            Assert.Equal(expected, BitsOf(LaneMath.RandomBits<Lanes256>(first, key0, key1)));
            Assert.Equal(expected, BitsOf(LaneMath.RandomBits<Lanes512>(first, key0, key1)));
        }
    }

    [Fact]
    public void Four_sums_at_once_are_the_four_sums()
    {
        var random = new Random(7);
        for (int round = 0; round < 500; round++)
        {
            float[] x = [.. Enumerable.Range(0, 64).Select(_ => (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-20, 20))))];
            AssertSums<LanesScalar>(x);
            AssertSums<Lanes128>(x);
            AssertSums<Lanes256>(x);
            AssertSums<Lanes512>(x);
        }
    }

    private static void AssertSums<L>(float[] values)
        where L : unmanaged, ILanes16<L>
    {
        float* sums = stackalloc float[4];
        fixed (float* x = values)
        {
            L a = L.Load(x), b = L.Load(x + 16), c = L.Load(x + 32), d = L.Load(x + 48);
            L.StoreSums(a, b, c, d, sums);
            Assert.Equal([L.Sum(a), L.Sum(b), L.Sum(c), L.Sum(d)], new ReadOnlySpan<float>(sums, 4).ToArray());
        }
    }

    private static uint[] AllFunctions<L>(float* x)
        where L : unmanaged, ILanes16<L>
    {
        L a = L.Load(x), b = L.Create(1.5f) * a + L.LaneBits, c = L.Create(-3f);
        L mask = L.GreaterThan(a, c);
        L[] results =
        [
            LaneMath.Exp(a), LaneMath.Erf(a), LaneMath.Sigmoid(a), LaneMath.Tanh(a), a + b, a - b, a * b, a / b, L.Fma(a, b, c), L.Sqrt(a),
            L.Max(a, c), L.Max(c, a), L.Min(a, c), L.Min(c, a), mask, L.Select(mask, a, b), L.Select(c, a, b), a & b, a | b, a ^ b, L.AddBits(a, b), L.MultiplyBits(a, b), L.ShiftLeftBits(a, 7),
            L.ShiftRightBits(a, 9), L.AtLeastBits(a, b), L.LaneBits, L.Create(L.Sum(a)), L.Create(L.Maximum(a)),
        ];
        // Only that a result is NaN is promised, not which NaN.
        return [.. results.SelectMany(BitsOf).Select(bits => float.IsNaN(BitConverter.UInt32BitsToSingle(bits)) ? uint.MaxValue : bits)];
    }

    private static uint[] BitsOf<L>(L value)
        where L : unmanaged, ILanes16<L>
    {
        uint[] bits = new uint[16];
        fixed (uint* p = bits)
            L.Store(value, (float*)p);
        return bits;
    }

    private static float Apply<F, L>(float x)
        where F : IFunction
        where L : unmanaged, ILanes16<L>
    {
        float* lanes = stackalloc float[16];
        L.Store(F.Of(L.Create(x)), lanes);
        Assert.Equal(BitConverter.SingleToInt32Bits(lanes[0]), BitConverter.SingleToInt32Bits(lanes[15]));
        return lanes[0];
    }

    private static IEnumerable<float> Grid(float low, float high) => Enumerable.Range(0, 40_001).Select(i => low + (high - low) * i / 40_000f);

    private static float Sign(Random random) => random.Next(2) == 0 ? 1 : -1;

    /// <summary>erf by its Taylor series (|x| small) or the continued fraction of erfc (Abramowitz and Stegun 7.1.6, 7.1.14).</summary>
    private static double Erf(double x)
    {
        double t = Math.Abs(x), sum = 0;
        if (t < 3)
        {
            double term = t;
            for (int n = 1; term > 1e-20; n++)
            {
                sum += term;
                term *= 2 * t * t / (2 * n + 1);
            }
            return Math.Sign(x) * 2 / Math.Sqrt(Math.PI) * Math.Exp(-t * t) * sum;
        }
        for (int n = 60; n > 0; n--)
            sum = n / 2.0 / (t + sum);
        return Math.Sign(x) * (1 - Math.Exp(-t * t) / (Math.Sqrt(Math.PI) * (t + sum)));
    }

    private readonly struct ExpOf : IFunction
    {
        public static L Of<L>(L x)
            where L : unmanaged, ILanes16<L> => LaneMath.Exp(x);
    }

    private readonly struct SigmoidOf : IFunction
    {
        public static L Of<L>(L x)
            where L : unmanaged, ILanes16<L> => LaneMath.Sigmoid(x);
    }

    private readonly struct TanhOf : IFunction
    {
        public static L Of<L>(L x)
            where L : unmanaged, ILanes16<L> => LaneMath.Tanh(x);
    }

    private readonly struct ErfOf : IFunction
    {
        public static L Of<L>(L x)
            where L : unmanaged, ILanes16<L> => LaneMath.Erf(x);
    }
}
