using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>Products of one shape whose operands stand at equal distances. Each is one worker's: the bits are those of a product alone.</summary>
internal unsafe struct ProductGroup
{
    /// <summary>The first product; its workspace holds one worker's after the other.</summary>
    public Product First;

    /// <summary>Number of products.</summary>
    public int Count;

    /// <summary>Floats from an operand to that of the next product.</summary>
    public nint AStep, BStep, CStep;

    /// <summary>Entry point for <see cref="WorkerPool"/>.</summary>
    public static void Invoke<T>(void* group, int worker, int workers)
        where T : unmanaged, IVector<T> => ((ProductGroup*)group)->Run<T>(worker, workers);

    private readonly void Run<T>(int worker, int workers)
        where T : unmanaged, IVector<T>
    {
        Partition share = Partition.Of(Count, worker, workers);
        int* claims = stackalloc int[PanelClaims.Length(1)];
        for (nint i = (nint)share.Start; i < share.End; i++)
        {
            Product product = First;
            product.A += i * AStep;
            product.B += i * BStep;
            product.C += i * CStep;
            product.Workspace += worker * First.WorkspaceStride;
            product.Claims = new PanelClaims(claims, 1);
            product.Run<T>(0, 1);
        }
    }
}
