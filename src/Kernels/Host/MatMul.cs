using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Gemm;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    /// <summary>Below this many multiplications per thread a fork and join costs more than it saves.</summary>
    private const long MultiplicationsPerThread = 32_768;

    private readonly Scratch _matMulScratch = new();

    public void MatMul(MatMulForm form, MatrixView a, MatrixView b, MatrixView c, View bias, bool accumulate)
    {
        var product = new Product
        {
            Form = form,
            M = c.Rows,
            N = c.Columns,
            K = form == MatMulForm.TN ? a.Rows : a.Columns,
            A = Pointer(a),
            ARow = a.Stride,
            B = Pointer(b),
            BRow = b.Stride,
            C = Pointer(c),
            CRow = c.Stride,
            Bias = Pointer(bias),
            Accumulate = accumulate,
            TileRows = Product.MostTileRows(Width),
        };
        int workers = (int)Math.Clamp((long)product.M * product.N * product.K / MultiplicationsPerThread, 1, Threads);
        switch (Width)
        {
            case VectorWidth.V512:
                Run<W512>(product, workers);
                break;
            case VectorWidth.V256:
                Run<W256>(product, workers);
                break;
            case VectorWidth.V128:
                Run<W128>(product, workers);
                break;
            default:
                Run<W1>(product, workers);
                break;
        }
    }

    private void Run<T>(Product product, int workers)
        where T : unmanaged, IVector<T>
    {
        product.SplitRows = product.IsBetterSplitByRows<T>(workers);
        product.WorkspaceStride = product.WorkspaceFloats<T>(workers);
        product.Workspace = _matMulScratch.Floats(product.WorkspaceStride * workers);
        int* claims = stackalloc int[PanelClaims.Length(workers)];
        product.Claims = new PanelClaims(claims, workers);
        _pool.Run(&Product.Invoke<T>, &product, workers);
    }
}
