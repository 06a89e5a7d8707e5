using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

/// <summary>
/// Host memory that the device reads from at its own pace: an upload copies into the ring, enqueues the transfer and returns. The ring is a row of
/// segments; each gets a fence when it is full, which is waited for only when the ring comes round to it again.
/// </summary>
/// <param name="device">Transfers and fences.</param>
/// <param name="memory"><see cref="Bytes"/> bytes, pinned where the driver offers it.</param>
internal sealed unsafe class StagingRing(GpuDevice device, byte* memory)
{
    /// <summary>Number of segments, and of fences.</summary>
    public const int Segments = 8;

    /// <summary>Size of the ring.</summary>
    public const int Bytes = Segments * SegmentBytes;

    private const int SegmentBytes = 1 << 20;

    private int _segment;
    private int _position;
    private bool _hasComeRound;

    /// <summary>Copies numbers to the device.</summary>
    public void Upload<T>(ReadOnlySpan<T> source, nint destination, long offset)
        where T : unmanaged
    {
        while (!source.IsEmpty)
        {
            if (SegmentBytes - _position < sizeof(float))
                Advance();
            int count = Math.Min(source.Length, (SegmentBytes - _position) / sizeof(float));
            byte* start = memory + (long)_segment * SegmentBytes + _position;
            Convert(source[..count], new Span<float>(start, count));
            long bytes = (long)count * sizeof(float);
            device.Write(destination, offset, start, bytes);
            source = source[count..];
            offset += bytes;
            _position += (int)bytes;
        }
    }

    private static void Convert<T>(ReadOnlySpan<T> source, Span<float> destination)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            MemoryMarshal.Cast<T, float>(source).CopyTo(destination);
            return;
        }
        ReadOnlySpan<double> wide = MemoryMarshal.Cast<T, double>(source);
        for (int i = 0; i < wide.Length; i++)
            destination[i] = (float)wide[i];
    }

    private void Advance()
    {
        device.SetFence(_segment);
        _segment = (_segment + 1) % Segments;
        _position = 0;
        _hasComeRound |= _segment == 0;
        if (_hasComeRound)
            device.AwaitFence(_segment);
    }
}
