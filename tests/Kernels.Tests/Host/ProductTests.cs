using System.Runtime.InteropServices;
using P6bNative.Kernels.Host.Gemm;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Tests.Host;

public sealed unsafe class ProductTests
{
    /// <summary>One block of rows and several; shares of columns and of rows; whole and ragged panels.</summary>
    public static TheoryData<MatMulForm, int, int, int, bool> Cases => new(
        from form in Enum.GetValues<MatMulForm>()
        from size in new[] { (M: 50, N: 70, K: 90), (M: 500, N: 64, K: 30), (M: 300, N: 40, K: 256) }
        from splitRows in new[] { false, true }
        select (form, size.M, size.N, size.K, splitRows));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_worker_takes_over_what_is_left_of_anothers_last_block(MatMulForm form, int m, int n, int k, bool splitRows)
    {
        var random = new Random(m + n + k);
        float[] a = Numbers(random, m * k), b = Numbers(random, n * k), c = new float[m * n];
        fixed (float* pa = a, pb = b, pc = c)
        {
            int tileRows = Product.MostTileRows(VectorWidth.V256);
            int* claims = stackalloc int[PanelClaims.Length(2)];
            var product = new Product
            {
                Form = form,
                M = m,
                N = n,
                K = k,
                A = pa,
                B = pb,
                C = pc,
                CRow = n,
                ARow = form == MatMulForm.TN ? m : k,
                BRow = form == MatMulForm.NT ? k : n,
                TileRows = tileRows,
                SplitRows = splitRows,
                Claims = new PanelClaims(claims, 2),
            };
            product.WorkspaceStride = product.WorkspaceFloats<W256>(2);
            product.Workspace = (float*)NativeMemory.AlignedAlloc((nuint)(2 * product.WorkspaceStride * sizeof(float)), 64);
            Product.Invoke<W256>(&product, 0, 2);
            Product.Invoke<W256>(&product, 1, 2);
            float[] whole = [.. c];

            // The second worker as if the first had only just opened its last block.
            Array.Fill(c, float.NaN);
            product.Claims = new PanelClaims(claims, 2);
            product.Claims.Open(0);
            Product.Invoke<W256>(&product, 1, 2);
            NativeMemory.AlignedFree(product.Workspace);
            int own = 0, others = 0;
            for (int i = 0; i < c.Length; i++)
            {
                if (float.IsNaN(c[i]))
                    continue;
                Assert.Equal(whole[i], c[i]);
                bool first = splitRows ? i / n < m / 2 - tileRows : i % n < n / 2 - 2 * W256.Count;
                (own, others) = first ? (own, others + 1) : (own + 1, others);
            }

            Assert.True(own > 0 && others > 0, $"{own} elements of its own, {others} of the other worker's");
        }
    }

    [Fact]
    public void Panels_are_claimed_once_and_only_when_they_are_open()
    {
        int* memory = stackalloc int[PanelClaims.Length(2)];
        var claims = new PanelClaims(memory, 2);
        Assert.True(claims.Take(0) < 0 && claims.Take(1) < 0);
        claims.Open(1);
        Assert.True(claims.Take(0) < 0);
        Assert.Equal([0, 1, 2], new[] { claims.Take(1), claims.Take(1), claims.Take(1) });
    }

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
}
