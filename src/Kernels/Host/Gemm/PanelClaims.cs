namespace P6bNative.Kernels.Host.Gemm;

/// <summary>
/// Who computes which panel of the last block of a product: each worker claims its own, one after the other, and then what is left of the
/// others'. A core that a neighbour slows down holds the product up by one panel at most.
/// </summary>
internal readonly unsafe struct PanelClaims
{
    // Two cache lines apart: processors fetch lines in pairs.
    private const int IntsPerWorker = 32;
    private const int Closed = int.MinValue / 2;

    private readonly int* _next;

    /// <summary>Closes the panels of all workers.</summary>
    /// <param name="memory"><see cref="Length"/> numbers.</param>
    /// <param name="workers">Number of workers.</param>
    public PanelClaims(int* memory, int workers)
    {
        _next = memory;
        for (int worker = 0; worker < workers; worker++)
            _next[worker * IntsPerWorker] = Closed;
    }

    /// <summary>Numbers that the claims of <paramref name="workers"/> take.</summary>
    public static int Length(int workers) => workers * IntsPerWorker;

    /// <summary>Lets everyone claim this worker's panels; all that they need is written.</summary>
    public void Open(int worker) => Volatile.Write(ref _next[worker * IntsPerWorker], 0);

    /// <summary>The next panel of a worker, counted from 0; negative while they are closed. None is given twice.</summary>
    public int Take(int worker)
    {
        ref int next = ref _next[worker * IntsPerWorker];
        return Volatile.Read(ref next) < 0 ? Closed : Interlocked.Increment(ref next) - 1;
    }
}
