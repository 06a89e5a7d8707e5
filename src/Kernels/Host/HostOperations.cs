using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

/// <summary>
/// One kernel: an unmanaged struct whose fields are its arguments. <see cref="Run{L}"/> does one worker's share; copy the fields
/// to locals first, since stores through pointers make the compiler read fields again.
/// </summary>
internal interface IHostKernel
{
    /// <summary>Does the share of one worker.</summary>
    /// <typeparam name="L">The lanes of the chosen width.</typeparam>
    void Run<L>(int worker, int workers)
        where L : unmanaged, ILanes16<L>;
}

/// <summary>The operations for the CPU, one file each; this one holds the threads, the vector width and the dispatch on it.</summary>
internal sealed unsafe partial class HostOperations : IOperations, IDisposable
{
    /// <summary>Below this many elements per thread a fork and join costs more than it saves.</summary>
    private const long ElementsPerThread = 8192;

    private readonly WorkerPool _pool;

    /// <param name="threads">Threads including the caller; 0 means one for each core.</param>
    /// <param name="width">A width, not <see cref="VectorWidth.Auto"/>. One that the processor lacks still runs, slowly: tests use it.</param>
    public HostOperations(int threads, VectorWidth width)
    {
        _pool = new WorkerPool(threads);
        Width = width;
    }

    /// <summary>The vector width in use.</summary>
    public VectorWidth Width { get; }

    /// <summary>Threads including the caller.</summary>
    public int Threads => _pool.Threads;

    public void Dispose()
    {
        _pool.Dispose();
        _matMulScratch.Dispose();
        _attention.Dispose();
        _slotMixture.Dispose();
        _padding.Dispose();
        _squaresPerBlock.Dispose();
        _slotProducts.Dispose();
    }

    /// <summary>Runs a kernel on as many threads as its work is worth. How often each item is touched must not depend on that number.</summary>
    /// <param name="kernel">Arguments and code.</param>
    /// <param name="elements">Elements touched, the measure of the work.</param>
    private void Run<K>(K kernel, long elements)
        where K : unmanaged, IHostKernel
    {
        int workers = (int)Math.Clamp(elements / ElementsPerThread, 1, Threads);
        delegate*<void*, int, int, void> body = Width switch
        {
            VectorWidth.V512 => &Invoke<K, Lanes512>,
            VectorWidth.V256 => &Invoke<K, Lanes256>,
            VectorWidth.V128 => &Invoke<K, Lanes128>,
            _ => &Invoke<K, LanesScalar>,
        };
        _pool.Run(body, &kernel, workers);
    }

    private static void Invoke<K, L>(void* kernel, int worker, int workers)
        where K : unmanaged, IHostKernel
        where L : unmanaged, ILanes16<L> => ((K*)kernel)->Run<L>(worker, workers);

    private static float* Pointer(View view) => HostBuffer.Pointer(view);

    private static float* Pointer(MatrixView view) => HostBuffer.Pointer(view.Data);
}
