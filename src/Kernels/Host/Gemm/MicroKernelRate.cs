using System.Diagnostics;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host.Gemm;

/// <summary>
/// The rate of the micro-kernel alone, every thread on a packed block and a panel of its own that stay in its caches: what the product
/// would reach if packing, memory and the other shapes cost nothing. Other work on the same cores slows it as it slows products, unlike
/// <see cref="FmaPeak"/>, which needs registers only: the two together say how loud the machine was.
/// </summary>
internal sealed unsafe class MicroKernelRate : IDisposable
{
    private const int Tiles = 27, Repetitions = 2;

    private readonly WorkerPool _pool;
    private readonly delegate*<void*, int, int, void> _body;
    private readonly int _rows;
    private readonly int _columns;
    private readonly float* _memory;

    /// <param name="threads">Threads; 0 means one for each core.</param>
    /// <param name="width">Vector registers, resolved.</param>
    public MicroKernelRate(int threads, VectorWidth width)
    {
        _pool = new WorkerPool(threads);
        _body = width switch
        {
            VectorWidth.V512 => &Run<W512>,
            VectorWidth.V256 => &Run<W256>,
            VectorWidth.V128 => &Run<W128>,
            _ => &Run<W1>,
        };
        _rows = Product.MostTileRows(width);
        _columns = 2 * VectorWidths.Floats(width);
        _memory = (float*)HostMemory.Allocate(_pool.Threads * Stride * sizeof(float));
        new Span<float>(_memory, (int)(_pool.Threads * Stride)).Clear();
    }

    private nint Block => Tiles * _rows * Product.DepthBlock;

    private nint Panel => _columns * Product.DepthBlock;

    private nint Stride => Block + Panel + _rows * _columns + 16;

    /// <summary>Adds timings, as operations a second / 10⁹, for about <paramref name="seconds"/> to the list.</summary>
    public void Time(double seconds, List<double> rates)
    {
        double operations = 2.0 * Repetitions * Tiles * _rows * _columns * Product.DepthBlock * _pool.Threads;
        var arguments = new Arguments { Memory = _memory, Stride = Stride, Rows = _rows, Block = Block, Panel = Panel };
        long first = Stopwatch.GetTimestamp();
        do
        {
            long start = Stopwatch.GetTimestamp();
            _pool.Run(_body, &arguments, _pool.Threads);
            rates.Add(operations / Stopwatch.GetElapsedTime(start).TotalSeconds / 1e9);
        }
        while (Stopwatch.GetElapsedTime(first).TotalSeconds < seconds);
    }

    public void Dispose()
    {
        _pool.Dispose();
        HostMemory.Free(_memory);
    }

    private static void Run<T>(void* arguments, int worker, int workers)
        where T : unmanaged, IVector<T>
    {
        var a = (Arguments*)arguments;
        float* memory = a->Memory + worker * a->Stride;
        for (int tile = 0; tile < Repetitions * Tiles; tile++)
        {
            MicroKernels.Run<T, RowLayout>(a->Rows, new Tile
            {
                Depth = Product.DepthBlock,
                A = memory + tile % Tiles * a->Rows * Product.DepthBlock,
                B = memory + a->Block,
                C = memory + a->Block + a->Panel,
                CRow = 2 * T.Count,
                Ahead = memory,
            });
        }
    }

    private struct Arguments
    {
        public float* Memory;
        public nint Stride;
        public int Rows;
        public nint Block;
        public nint Panel;
    }
}
