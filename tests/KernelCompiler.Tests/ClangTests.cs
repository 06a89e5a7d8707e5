namespace P6bNative.KernelCompiler.Tests;

/// <summary>Both texts compile without warnings: OpenCL C 1.2, and CUDA C to PTX without a card.</summary>
public class ClangTests
{
    private const string Everything =
        """
        private const int Tile = 32;

        private struct Best
        {
            public float Value;
            public int Index;
        }

        [Kernel(64)]
        public static void Gemm(
            ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, int lda, int ldb, int ldc, int depth, SpecializedValue<int> perItem)
        {
            var left = SharedMemory.Allocate<float>(Tile * Tile);
            var right = SharedMemory.Allocate<float>(Tile * Tile);
            var sums = LocalMemory.Allocate<float>(perItem * 4);
            int row = Group.IdxX / 8 * 4, column = Group.IdxX % 8 * 4;
            for (int start = 0; start < depth; start += Tile)
            {
                for (int i = Group.IdxX; i < Tile * Tile / 4; i += 64)
                {
                    left.Cast<Float4>()[i] = a.SubView(Grid.IdxX * lda + start, Tile).Cast<Float4>()[i];
                    right[i] = b[(Grid.IdxY + Grid.IdxZ * Grid.DimZ) * ldb + start + i];
                }
                Group.Barrier();
                for (int k = 0; k < Tile; k++)
                    Accumulate(sums, left.SubView(k * Tile + row, 4), right.SubView(k * Tile + column, 4));
                Group.Barrier();
            }
            for (int i = 0; i < perItem; i++)
            {
                for (int j = 0; j < 4; j++)
                    c[(row + i) * ldc + column + j] += sums[i * 4 + j];
            }
        }

        private static void Accumulate(ArrayView<float> sums, ArrayView<float> left, ArrayView<float> right)
        {
            for (int i = 0; i < 4; i++)
                for (int j = 0; j < 4; j++)
                    sums[i * 4 + j] = XMath.Fma(left[i], right[j], sums[i * 4 + j]);
        }

        [Kernel(128)]
        public static void Largest(ArrayView<float> x, ArrayView<uint> y, ArrayView<int> z, int n, uint u, long l, ulong w, float f)
        {
            var best = new Best { Value = float.NegativeInfinity };
            for (int i = Group.IdxX; i < n; i += Group.DimX)
                best = Larger(best, new Best { Value = XMath.Exp(x[i]) + XMath.Tanh(f), Index = i });
            Note(x, ref best, out int at);
            y[at] = (u >> at) + (uint)(w >> 40) + (uint)(l >>> 3) + (uint)best.Value + (uint)z[at + 3] + (uint)(-l) + Interop.FloatAsInt(-f);
        }

        private static Best Larger(Best a, Best b) => b.Value > a.Value || a.Index < 0 && b.Index >= 0 ? b : a;

        private static void Note(ArrayView<float> x, ref Best best, out int at)
        {
            best.Value = XMath.Max(best.Value, XMath.Log(XMath.Sqrt(XMath.Abs(x[0]))) / XMath.Erf(x[1]));
            best.Index++;
            at = best.Index << 2;
        }
        """;

    [Fact]
    public void Cuda_CompilesToPtx()
    {
        string cuda = Translation.OfClass(Everything).Cuda;
        string largest = Clang.Ptx(cuda);
        Assert.Contains(".entry Largest(", largest, StringComparison.Ordinal);
        Assert.Contains(".maxntid 128", largest, StringComparison.Ordinal);
        Assert.DoesNotContain(".entry Gemm(", largest, StringComparison.Ordinal);
        string gemm = Clang.Ptx(cuda, "-DGemm_perItem=4");
        Assert.Contains(".entry Gemm(", gemm, StringComparison.Ordinal);
        Assert.Contains("ld.global.v4.f32", gemm, StringComparison.Ordinal);
        Assert.Contains("st.shared.v4.f32", gemm, StringComparison.Ordinal);
        // The sums are in registers: no local memory.
        Assert.DoesNotContain(".local", gemm, StringComparison.Ordinal);
        Assert.DoesNotContain(".entry Largest(", gemm, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_IsNotContracted()
    {
        string ptx = Clang.Ptx(Translation.OfClass(
            "[Kernel(1)] public static void Try(ArrayView<float> x, float f) { x[0] = x[0] * f + x[1] * f - XMath.Fma(f, f, 1f); }").Cuda);
        Assert.Single(ptx.Split("fma.rn.f32")[1..]);
    }

    [Fact]
    public void OpenCl_Compiles()
    {
        string openCl = Translation.OfClass(Everything).OpenCl;
        Assert.Contains("@Largest(", Clang.OpenCl(openCl), StringComparison.Ordinal);
        Assert.Contains("@Gemm(", Clang.OpenCl(openCl, "-DGemm_perItem=4"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(101)]
    [InlineData(102)]
    [InlineData(103)]
    [InlineData(104)]
    public void RandomKernel_CompilesForBothTargets(int seed)
    {
        var translation = Translation.OfClass(new RandomKernel(seed).Source());
        // A random kernel may compare a value with itself.
        const string Permission = "-Wno-tautological-compare";
        Assert.Contains("@Random0(", Clang.OpenCl(translation.OpenCl, Permission), StringComparison.Ordinal);
        Assert.Contains(".entry Random0(", Clang.Ptx(translation.Cuda, Permission), StringComparison.Ordinal);
    }

    [Fact]
    public void Float16_IsOpenClOnly()
    {
        var translation = Translation.OfClass(
            """
            [Kernel(1)]
            public static void Panels(ArrayView<float> a, ArrayView<Float16> b, ArrayView<Float16> c, int depth)
            {
                var sums = LocalMemory.Allocate<Float16>(6);
                for (int k = 0; k < depth; k++)
                {
                    Float16 right = b[k];
                    for (int i = 0; i < 6; i++)
                        sums[i] = Float16.Fma(Float16.Splat(a[6 * k + i]), right, sums[i]);
                }
                for (int i = 0; i < 6; i++)
                    c[i] = sums[i];
            }
            """);
        Assert.Equal("", translation.Cuda);
        Assert.Contains("@Panels(", Clang.OpenCl(translation.OpenCl), StringComparison.Ordinal);
    }
}
