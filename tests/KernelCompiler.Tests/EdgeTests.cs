using P6bNative.Kernels.Devices;

namespace P6bNative.KernelCompiler.Tests;

/// <summary>Every operator and conversion over all pairs of the values where languages differ, as C# and as OpenCL C, bit for bit.</summary>
public class EdgeTests
{
    private static readonly uint[] _ints =
    [
        0, 1, 2, 3, 5, 7, 31, 32, 33, 63, 64, 255, 0x7FFF, 0x8000, 0xFFFF, 0x12345678, 0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xDEADBEEF,
        0xFFFF8000, 0xFFFFFFFD, 0xFFFFFFFE, 0xFFFFFFFF,
    ];

    private static readonly uint[] _floats =
    [
        .. new[]
        {
            0f, -0f, 1f, -1f, 0.5f, -0.5f, 1.5f, -2.5f, 3.9999998f, 0.1f, -0.3f, 1e-3f, 16777217f, 2147483500f, 2147483648f, -2147483648f,
            -2147483900f,
            4294967000f, 4294967296f, 9.2233715e18f, 9.223372e18f, -9.223372e18f, 1.8446743e19f, 1.8446744e19f, 3e38f, -3e38f, 1e-38f, 1e-45f,
            -1e-40f,
            float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, float.NaN,
        }.Select(BitConverter.SingleToUInt32Bits),
    ];

    // Pieces of a 64-bit number: the other word is derived from the same input.
    private static string Long(string word) => $"(long)(((ulong)({word} * 0x9E3779B9u) << 32) | {word})";

    [Fact]
    public void Integers_AgreeBitForBit() => Compare(_ints,
    [
        "(int)a + (int)b", "(int)a - (int)b", "(int)a * (int)b", "-(int)a", "~(int)a", "(int)a & (int)b", "(int)a | (int)b", "(int)a ^ (int)b",
        "(int)a << (int)b", "(int)a >> (int)b", "(int)a >>> (int)b", "a << (int)b", "a >> (int)b", "a >>> (int)b", "a + b", "a - b", "a * b",
        "(int)a / ((int)(b & 7) + 1)", "(int)a % ((int)(b & 7) + 1)", "(int)a / (-2 - (int)(b & 7))", "(int)a % (-2 - (int)(b & 7))",
        "a / (b | 1)", "a % (b | 1)",
        "(int)a * (int)b + (int)a * 3 - ((int)b << 3)", "((int)a + (int)b) / 3", "((int)a * 31 + (int)b) & 1023", "(int)a - -(int)b",
        "(uint)((int)a * (int)b) / 5",
        "(int)a < (int)b ? 1 : 0", "a < b ? 1 : 0", "(int)a < b ? 1 : 0", "(int)a == b ? 1 : 0", "(int)a >= (int)b && a > b || a == b ? 1 : 0",
        "XMath.Max((int)a, (int)b)", "XMath.Min((int)a, (int)b)", "(int)(a - (int)b)", "-a", "(int)(((int)a + (long)b) >> 1)",
    ]);

    [Fact]
    public void Longs_AgreeBitForBit() => Compare(_ints,
    [
        .. new[]
        {
            "{0} + {1}", "{0} - {1}", "{0} * {1}", "-{0}", "~{0}", "{0} << (int)b", "{0} >> (int)b", "{0} >>> (int)b",
            "{0} / ((long)(b & 7) + 1)", "{0} % ((long)(b & 7) + 1)",
            "(long)((ulong){0} << (int)b)", "(long)((ulong){0} >> (int)b)", "(long)((ulong){0} / ((ulong){1} | 1))",
            "(long)((ulong){0} % ((ulong){1} | 1))",
            "{0} < {1} ? 1L : 0L", "(ulong){0} < (ulong){1} ? 1L : 0L", "(long)(int){0}", "(long)(uint){0}", "(long)(int)a",
            "(long)(ulong)(int)a", "{0} ^ ({1} & 0x0F0F0F0F0F0F0F0FL)",
            "(long)((ulong){0} * 0xBF58476D1CE4E5B9UL)", "5000000000L - {0}", "(long)(float){0}", "{0} & {1} | {0} ^ {1}",
        }.SelectMany(format => new[] { $"(uint)({Words(format)})", $"(uint)(({Words(format)}) >> 32)" }),
    ]);

    [Fact]
    public void Floats_AgreeBitForBit() => Compare(_floats,
    [
        .. new[]
        {
            "x + y", "x - y", "x * y", "x / y", "-x", "x * y + y", "x * y - x * y", "x - (y - x)", "XMath.Fma(x, y, -x)", "XMath.Sqrt(x)",
            "XMath.Abs(x)", "XMath.Max(x, y)", "XMath.Max(0f, x)", "XMath.Min(-0f, x)", "XMath.Min(x, y)",
            "(float)(int)a", "(float)a", "(float)(long)x", "x < y ? x : y", "x > 0f ? x * 0.1f : 0.3333333f", "1f / x", "(x + y) * 0.5f",
        }.Select(expression => $"Bits({expression})"),
        "(int)x", "(uint)x", "(uint)(long)x", "(uint)((long)x >> 32)", "(uint)(ulong)x", "(uint)((ulong)x >> 32)",
        "x < y ? 1 : 0", "x <= y ? 1 : 0", "x > y ? 1 : 0", "x >= y ? 1 : 0", "x == y ? 1 : 0", "x != y ? 1 : 0", "!(x < y) ? 1 : 0",
        "float.IsNaN(x) ? 1 : 0", "float.IsFinite(x) ? 1 : 0",
    ]);

    [Fact]
    public void LongsToFloat_AgreeBitForBit() => Compare(_ints,
    [
        $"Bits((float){Words("{0}")})", $"Bits((float)({Words("{0} >> 20")}))", $"Bits((float)(ulong){Words("{0}")})",
        $"Bits((float)({Words("(ulong){0} >> 20")}))",
    ]);

    private static string Words(string format) =>
        format.Replace("{0}", Long("a"), StringComparison.Ordinal).Replace("{1}", Long("b"), StringComparison.Ordinal);

    private static void Compare(uint[] values, string[] expressions)
    {
        var stores = expressions.Select((expression, i) => $"    output[item * {expressions.Length} + {i}] = (uint)({expression});");
        var translation = Translation.OfClass(
            $$"""
            [Kernel(1)]
            public static void Try(ArrayView<uint> input, ArrayView<uint> output)
            {
                int item = Grid.IdxX;
                uint a = input[item * 2], b = input[item * 2 + 1];
                float x = Interop.IntAsFloat(a), y = Interop.IntAsFloat(b);
            {{string.Join("\n", stores)}}
            }

            // Which NaN a calculation gives is not promised.
            private static uint Bits(float value) => float.IsNaN(value) ? 0x7FC00000u : Interop.FloatAsInt(value);
            """);
        Assert.Empty(translation.Diagnostics);
        uint[] input = [.. values.SelectMany(a => values.SelectMany(b => new[] { a, b }))];
        int items = values.Length * values.Length;
        uint[] expected = KernelRun.OnHost(translation.Method("Try").CreateDelegate<WordKernel>(), input, items * expressions.Length, items, 1);
        using GpuDevice device = KernelRun.OpenDevice();
        uint[] actual = KernelRun.OnDevice(device, translation.Kernel("Try"), input, items * expressions.Length, items);
        string[] differences =
        [
            .. Enumerable.Range(0, expected.Length).Where(i => actual[i] != expected[i]).Select(i =>
                $"{expressions[i % expressions.Length]} of 0x{input[i / expressions.Length * 2]:X8}, 0x{input[i / expressions.Length * 2 + 1]:X8}: "
                + $"C# 0x{expected[i]:X8}, device 0x{actual[i]:X8}"),
        ];
        Assert.True(differences.Length == 0, $"{differences.Length} differ, first:\n{string.Join('\n', differences.Take(20))}");
    }
}
