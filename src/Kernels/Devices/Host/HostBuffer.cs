using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

/// <summary>Floats in native memory, 64-byte aligned.</summary>
internal sealed unsafe class HostBuffer : Buffer
{
    private readonly HostDevice _device;
    private float* _pointer;

    /// <param name="device">Where the bytes are counted.</param>
    /// <param name="length">Number of floats, at least 1.</param>
    public HostBuffer(HostDevice device, long length)
        : base(length)
    {
        _device = device;
        _pointer = (float*)HostMemory.Allocate(Bytes);
        NativeMemory.Clear(_pointer, (nuint)Bytes);
        _device.Count(Bytes);
    }

    ~HostBuffer() => Dispose(disposing: false);

    private long Bytes => checked(Length * sizeof(float));

    /// <summary>First element of a view; null for the empty view.</summary>
    /// <exception cref="ArgumentException">The view lies on another device.</exception>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public static float* Pointer(View view)
    {
        if (view.Buffer is HostBuffer buffer && buffer._pointer != null)
            return buffer._pointer + view.Offset;
        return view.IsEmpty ? null : Refuse(view.Buffer);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_pointer == null)
            return;
        HostMemory.Free(_pointer);
        _pointer = null;
        _device.Count(-Bytes);
    }

    private static float* Refuse(Buffer buffer) => buffer is HostBuffer
        ? throw new ObjectDisposedException(nameof(HostBuffer))
        : throw new ArgumentException($"A host operation got a {buffer.GetType().Name}; all its arguments must be allocated by the host device.");
}
