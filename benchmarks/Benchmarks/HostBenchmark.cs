using BenchmarkDotNet.Attributes;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Benchmarks;

/// <summary>The CPU device with one thread a core, and buffers of fixed random numbers on it.</summary>
public abstract class HostBenchmark : IDisposable
{
    private readonly HostDevice _device = new();
    private readonly List<Buffer> _buffers = [];

    /// <summary>The model's width.</summary>
    protected const int Width = 512;

    protected IOperations Operations => _device.Operations;

    /// <summary>The model's dropout, on.</summary>
    protected static Dropout Dropout => new(0.1f, new RandomKey { Value = 42 }, Site: 1);

    /// <summary>New memory holding zeros.</summary>
    protected View Zero(long length)
    {
        Buffer buffer = _device.Allocate(length);
        _buffers.Add(buffer);
        return buffer.All;
    }

    /// <summary>New memory holding numbers of [-1, 1).</summary>
    protected View Random(long length)
    {
        View view = Zero(length);
        float[] values = new float[length];
        for (int i = 0; i < values.Length; i++)
            values[i] = CounterRandom.Bits((uint)i, (uint)_buffers.Count, 42) / 2147483648f - 1;
        _device.Upload(values.AsSpan(), view);
        return view;
    }

    /// <summary>A new dense matrix holding numbers of [-1, 1).</summary>
    protected MatrixView Random(int rows, int columns) => Random((long)rows * columns).AsMatrix(rows, columns);

    [GlobalCleanup]
    public void Dispose()
    {
        foreach (Buffer buffer in _buffers) buffer.Dispose();
        _buffers.Clear();
        _device.Dispose();
        GC.SuppressFinalize(this);
    }
}
