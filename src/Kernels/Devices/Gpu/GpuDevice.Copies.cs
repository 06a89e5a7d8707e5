using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Devices;

internal abstract unsafe partial class GpuDevice
{
    private const int LandingBytes = 4 << 20;

    private StagingRing? _ring;
    private byte* _landing;

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<float> source, View destination) => UploadNumbers(source, destination);

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<double> source, View destination) => UploadNumbers(source, destination);

    /// <inheritdoc/>
    public override void Download(View source, Span<float> destination) => DownloadNumbers(source, destination);

    /// <inheritdoc/>
    public override void Download(View source, Span<double> destination) => DownloadNumbers(source, destination);

    /// <inheritdoc/>
    public override void Download(View first, Span<double> firstDestination, View second, Span<double> secondDestination)
    {
        if ((long)firstDestination.Length + secondDestination.Length > LandingBytes / sizeof(float))
        {
            base.Download(first, firstDestination, second, secondDestination);
            return;
        }
        nint firstMemory = Memory(first, firstDestination.Length), secondMemory = Memory(second, secondDestination.Length);
        HostReadCount++;
        Read(firstMemory, first.Offset * sizeof(float), 0, firstDestination.Length);
        Read(secondMemory, second.Offset * sizeof(float), firstDestination.Length, secondDestination.Length);
        FinishAndCollect();
        Widen(0, firstDestination);
        Widen(firstDestination.Length, secondDestination);
    }

    /// <summary>Enqueues a copy to the device; the source is read later.</summary>
    protected internal abstract void Write(nint memory, long offset, void* source, long bytes);

    /// <summary>Marks the place in the queue that <see cref="AwaitFence"/> waits for; one of <see cref="StagingRing.Segments"/>.</summary>
    protected internal abstract void SetFence(int fence);

    /// <summary>Waits until the queue has passed a fence.</summary>
    protected internal abstract void AwaitFence(int fence);

    /// <summary>Enqueues a copy to the host; the destination is written later.</summary>
    protected abstract void Read(nint memory, long offset, void* destination, long bytes);

    /// <summary>Allocates host memory that the device reaches fast, released with the device.</summary>
    protected abstract byte* AllocateStaging(long bytes);

    private void UploadNumbers<T>(ReadOnlySpan<T> source, View destination)
        where T : unmanaged
    {
        nint memory = Memory(destination, source.Length);
        if (_ring is null)
            _ring = new StagingRing(this, AllocateStaging(StagingRing.Bytes));
        _ring.Upload(source, memory, destination.Offset * sizeof(float));
    }

    private void DownloadNumbers<T>(View source, Span<T> destination)
        where T : unmanaged
    {
        nint memory = Memory(source, destination.Length);
        HostReadCount++;
        long offset = source.Offset * sizeof(float);
        do
        {
            int count = Math.Min(destination.Length, LandingBytes / sizeof(float));
            Read(memory, offset, 0, count);
            FinishAndCollect();
            if (typeof(T) == typeof(float))
                new Span<float>(_landing, count).CopyTo(MemoryMarshal.Cast<T, float>(destination));
            else
                Widen(0, MemoryMarshal.Cast<T, double>(destination[..count]));
            destination = destination[count..];
            offset += count * sizeof(float);
        }
        while (!destination.IsEmpty);
    }

    private void Read(nint memory, long offset, int landing, int count)
    {
        if (_landing == null)
            _landing = AllocateStaging(LandingBytes);
        if (count > 0)
            Read(memory, offset, _landing + (long)landing * sizeof(float), (long)count * sizeof(float));
    }

    private void Widen(int landing, Span<double> destination)
    {
        float* source = (float*)_landing + landing;
        for (int i = 0; i < destination.Length; i++)
            destination[i] = source[i];
    }

    private nint Memory(View view, int length)
    {
        Enter();
        ThrowIfRecording();
        if (view.Length != length)
            throw new ArgumentException($"A copy between {length} numbers and a view of {view.Length}; the lengths must be equal.");
        return view.IsEmpty ? 0 : GpuBuffer.Memory(view.Buffer, this);
    }
}
