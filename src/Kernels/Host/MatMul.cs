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
        Product product = ProductOf(form, a, b, c, accumulate);
        product.Bias = Pointer(bias);
        Run(new ProductGroup { First = product, Count = 1 });
    }

    /// <summary>One product for each head.</summary>
    private void MatMulPerHead(MatMulForm form, HeadMatrices a, HeadMatrices b, HeadMatrices c, bool accumulate) => Run(new ProductGroup
    {
        First = ProductOf(form, a.First, b.First, c.First, accumulate),
        Count = c.Count,
        AStep = (nint)a.Step,
        BStep = (nint)b.Step,
        CStep = (nint)c.Step,
    });

    private Product ProductOf(MatMulForm form, MatrixView a, MatrixView b, MatrixView c, bool accumulate) => new()
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
        Accumulate = accumulate,
        TileRows = Product.MostTileRows(Width),
    };

    private void Run(ProductGroup group)
    {
        int workers = (int)Math.Clamp(group.First.Multiplications * group.Count / MultiplicationsPerThread, 1, Threads);
        switch (Width)
        {
            case VectorWidth.V512:
                Run<W512>(group, workers);
                break;
            case VectorWidth.V256:
                Run<W256>(group, workers);
                break;
            case VectorWidth.V128:
                Run<W128>(group, workers);
                break;
            default:
                Run<W1>(group, workers);
                break;
        }
    }

    /// <summary>Threads share one product; of several, each computes whole ones.</summary>
    private void Run<T>(ProductGroup group, int workers)
        where T : unmanaged, IVector<T>
    {
        if (group.Count == 1)
        {
            Run<T>(group.First, workers);
            return;
        }

        workers = Math.Min(workers, group.Count);
        group.First.WorkspaceStride = group.First.WorkspaceFloats<T>(workers: 1);
        group.First.Workspace = _matMulScratch.Floats(group.First.WorkspaceStride * workers);
        _pool.Run(&ProductGroup.Invoke<T>, &group, workers);
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
