namespace P6bNative.Kernels.Devices;

/// <summary>Floats in the memory of a <see cref="GpuDevice"/>.</summary>
internal sealed class GpuBuffer : Buffer
{
    private readonly GpuDevice _device;
    private nint _memory;

    /// <param name="device">Where the memory is.</param>
    /// <param name="memory">What the driver calls it: cl_mem or CUdeviceptr.</param>
    /// <param name="length">Number of floats, at least 1.</param>
    public GpuBuffer(GpuDevice device, nint memory, long length)
        : base(length) => (_device, _memory) = (device, memory);

    ~GpuBuffer() => Dispose(disposing: false);

    /// <summary>The driver's handle of the memory behind <paramref name="buffer"/>.</summary>
    /// <exception cref="ArgumentException">The buffer lies on another device.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public static nint Memory(Buffer buffer, GpuDevice device) =>
        buffer is GpuBuffer gpu && gpu._device == device && gpu._memory != 0 ? gpu._memory : Refuse(buffer, device);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        nint memory = Interlocked.Exchange(ref _memory, 0);
        if (memory == 0)
            return;
        if (disposing)
            _device.Release(memory);
        else
            _device.ReleaseLater(memory);
    }

    private static nint Refuse(Buffer buffer, GpuDevice device)
    {
        if (buffer is not GpuBuffer gpu)
            throw new ArgumentException($"{device.Name} was given a {buffer.GetType().Name}; all memory must be allocated by the device that uses it.");
        ObjectDisposedException.ThrowIf(gpu._memory == 0, gpu);
        throw new ArgumentException($"{device.Name} was given memory of {gpu._device.Name}; all memory must be allocated by the device that uses it.");
    }
}
