using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Host.Threads;

/// <summary>Native memory that grows to the largest request and is then reused: no allocation per call.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private void* _memory;
    private long _bytes;

    ~Scratch() => Free();

    /// <summary>At least <paramref name="count"/> floats, 64-byte aligned, contents undefined; valid until the next larger request.</summary>
    public float* Floats(long count)
    {
        long bytes = count * sizeof(float);
        if (bytes > _bytes)
        {
            Free();
            _memory = HostMemory.Allocate(bytes);
            _bytes = bytes;
        }
        return (float*)_memory;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        HostMemory.Free(_memory);
        _memory = null;
        _bytes = 0;
    }
}
