namespace P6bNative.KernelCompiler.Tests;

/// <summary>The text of programs: helpers, constants, specialised values, memory.</summary>
public class ProgramTextTests
{
    [Fact]
    public void Kernel_HasItsGroupSizeAndViewsWithOffsets() => AssertText(
        """
        [Kernel(128)]
        public static void Copy(ArrayView<float> x, ArrayView<uint> y, int i, ulong key)
        {
            y[i] = (uint)x[i];
        }
        """,
        """
        KERNEL(128) Copy(GLOBAL float *x_memory, int64 x_offset, GLOBAL float *y_memory, int64 y_offset, int i, uint64 key)
        {
            GLOBAL float *x = x_memory + x_offset;
            GLOBAL uint_element *y = (GLOBAL uint_element *)(y_memory + y_offset);
            y[i] = float_to_uint(x[i]);
        }
        """);

    [Fact]
    public void Helper_IsCopiedForEachMemory()
    {
        string text = Translation.OfClass(
            """
            [Kernel(32)]
            public static void Try(ArrayView<float> x)
            {
                var shared = SharedMemory.Allocate<float>(32);
                var registers = LocalMemory.Allocate<float>(4);
                shared[Group.IdxX] = First(x);
                registers[0] = First(shared) + Sum(x, shared, registers);
            }

            private static float First(ArrayView<float> v) => v[0];

            private static float Sum(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c) => First(a) + First(b) + First(c);
            """).OpenCl;
        AssertContains(text, "FUNCTION float First(GLOBAL float *v)");
        AssertContains(text, "FUNCTION float First_shared(LOCAL float *v)");
        AssertContains(text, "FUNCTION float First_private(float *v)");
        AssertContains(
            text,
            """
            FUNCTION float Sum_global_shared_private(GLOBAL float *a, LOCAL float *b, float *c)
            {
                return First(a) + First_shared(b) + First_private(c);
            }
            """);
        AssertContains(text, "    SHARED(float, shared, 32);\n    ALIGNED float registers[4] = {0};\n");
        Assert.True(text.IndexOf("float First_private(", StringComparison.Ordinal) < text.IndexOf("float Sum_global", StringComparison.Ordinal));
    }

    [Fact]
    public void NamesOfOtherClassesAndOverloads_StayApart()
    {
        string text = Translation.Of(
            """
            internal static partial class K
            {
                public const int Rows = 3;

                [Kernel(1)]
                public static void Try(ArrayView<int> x)
                {
                    x[0] = Rows + Other.Rows + Other.Next(x[1]) + Next(x[2]) + (int)Next(1f);
                }

                private static int Next(int i) => i + 1;

                private static float Next(float f) => f + 1f;
            }

            internal static class Other
            {
                public const int Rows = 4;

                public static int Next(int i) => i + 2;
            }
            """).OpenCl;
        AssertContains(text, "enum\n{\n    Other_Rows = 4,\n    Rows = 3,\n};\n");
        AssertContains(text, "FUNCTION int Other_Next(int i)");
        AssertContains(text, "FUNCTION int Next_Int32(int i)");
        AssertContains(text, "FUNCTION float Next_Single(float f)");
        AssertContains(text, "Other_Next(x[1]) + Next_Int32(x[2]) + float_to_int(Next_Single(1.0f)));");
    }

    [Fact]
    public void NamedAndOptionalArguments_ComeInTheOrderOfTheParameters() => AssertText(
        """
        [Kernel(1)]
        public static void Try(ArrayView<float> x) => x[0] = Mix(second: x[1], first: x[2]);

        private static float Mix(float first, float second, float third = 3f) => first - second * third;
        """,
        """
            x[0] = Mix(x[2], x[1], 3.0f);
        """);

    [Fact]
    public void SpecializedValue_IsAMacroThatGuardsItsKernel()
    {
        string text = Translation.OfClass(
            """
            [Kernel(1)]
            public static void Wide(ArrayView<float> x, SpecializedValue<int> width)
            {
                var sums = LocalMemory.Allocate<float>(width * 2);
                for (int i = 0; i < width; i++)
                    x[i] = sums[2 * i];
            }

            [Kernel(1)]
            public static void Plain(ArrayView<float> x, int width) => x[width] = 1f;
            """).OpenCl;
        AssertContains(
            text,
            """
            #if defined(Wide_width)
            KERNEL(1) Wide(GLOBAL float *x_memory, int64 x_offset)
            {
                GLOBAL float *x = x_memory + x_offset;
                ALIGNED float sums[Wide_width * 2] = {0};
                #pragma unroll
                for (int i = 0; i < Wide_width; i++)
                    x[i] = sums[2 * i];
            }
            #endif

            #if !defined(Wide_width)
            KERNEL(1) Plain(GLOBAL float *x_memory, int64 x_offset, int width)
            """);
    }

    [Theory]
    [InlineData("for (int i = 0; i < 8; i++) registers[i] = f;", true)]
    [InlineData("for (int i = 0; i < 8; i++) { for (int j = 0; j < n; j++) registers[i] += x[j]; }", true)]
    [InlineData("for (int i = 0; i < n; i++) registers[0] += x[i];", false)]
    [InlineData("for (int i = 0; i < n; i++) registers[i] = f;", false)]
    [InlineData("for (int i = 0; i < 8; i++) x[i] = f;", false)]
    [InlineData("for (int i = 0; i < 200; i++) registers[i & 7] = f;", false)]
    public void Loop_IsUnrolledWhereItIndexesRegisters(string loop, bool isUnrolled)
    {
        string text = Translation.OfClass(
            $$"""
            [Kernel(1)]
            public static void Try(ArrayView<float> x, int n, float f)
            {
                var registers = LocalMemory.Allocate<float>(8);
                {{loop}}
                x[0] = registers[0];
            }
            """).OpenCl;
        Assert.Equal(isUnrolled, text.Contains("    #pragma unroll\n    for (int i = 0;", StringComparison.Ordinal));
    }

    [Fact]
    public void Struct_IsATypeAndAFunctionThatMakesIt() => AssertText(
        """
        private struct Best
        {
            public float Value;
            public int Index;
        }

        [Kernel(1)]
        public static void Try(ArrayView<float> x)
        {
            var best = new Best { Index = 3, Value = x[0] };
            best.Value += 1f;
            Best none = default;
            best = Better(best, none);
            x[1] = best.Value;
        }

        private static Best Better(Best a, Best b) => a.Value > b.Value ? a : b;
        """,
        """
        typedef struct
        {
            float Value;
            int Index;
        } K_Best;

        FUNCTION K_Best K_Best_of(float Value, int Index)
        """,
        """
            K_Best best = K_Best_of(x[0], 3);
            best.Value += 1.0f;
            K_Best none = K_Best_of(0.0f, (int)0);
            best = Better(best, none);
        """);

    [Fact]
    public void OutVariable_IsDeclaredBeforeTheCall() => AssertText(
        """
        [Kernel(1)]
        public static void Try(ArrayView<int> x)
        {
            int remainder = Divide(x[0], x[1] | 1, out int quotient);
            x[2] = quotient + remainder;
        }

        private static int Divide(int a, int b, out int quotient)
        {
            quotient = a / b;
            return a - quotient * b;
        }
        """,
        """
            int quotient;
            int remainder = Divide(x[0], x[1] | 1, &quotient);
        """,
        """
            *quotient = a / b;
            return (int)(a - (uint)*quotient * b);
        """);

    [Fact]
    public void BothTargets_DifferOnlyInThePrelude()
    {
        var translation = Translation.OfClass("[Kernel(64)] public static void Try(ArrayView<float> x, float f) => x[Group.IdxX] = XMath.Exp(f);");
        Assert.Equal(Kernels(translation.OpenCl), Kernels(translation.Cuda));
        Assert.StartsWith("#pragma OPENCL FP_CONTRACT OFF\n", translation.OpenCl, StringComparison.Ordinal);

        static string Kernels(string text) => text[text.IndexOf("KERNEL(64)", StringComparison.Ordinal)..];
    }

    private static void AssertText(string members, params string[] expected)
    {
        string text = Translation.OfClass(members).OpenCl;
        foreach (string part in expected)
            AssertContains(text, part);
    }

    private static void AssertContains(string text, string part) =>
        Assert.True(text.Contains(part, StringComparison.Ordinal), $"Not found:\n{part}\n\nin:\n{text}");
}
