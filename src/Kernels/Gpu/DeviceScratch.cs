using P6bNative.Kernels.Devices;
using Buffer = P6bNative.Kernels.Devices.Buffer;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// Memory for what one operation hands from launch to launch. Launches run in order, so all operations share it. It grows by a further
/// block: recordings hold the addresses of the earlier ones.
/// </summary>
internal sealed class DeviceScratch(GpuDevice device)
{
    private readonly List<Buffer> _blocks = [];

    /// <summary><paramref name="length"/> floats, aligned for any access; their contents are what the last operation left.</summary>
    public View Floats(long length)
    {
        long largest = _blocks.Count == 0 ? 1 << 16 : _blocks[^1].Length;
        if (_blocks.Count == 0 || length > largest)
            _blocks.Add(device.Allocate(Math.Max(length, 2 * largest)));
        return _blocks[^1].All.Slice(0, length);
    }
}
