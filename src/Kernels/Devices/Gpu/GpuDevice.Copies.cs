namespace P6bNative.Kernels.Devices;

internal abstract unsafe partial class GpuDevice
{
    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<float> source, View destination)
    {
        nint memory = Memory(destination, source.Length);
        if (source.IsEmpty)
            return;
        fixed (float* p = source)
        {
            Write(memory, destination.Offset * sizeof(float), p, (long)source.Length * sizeof(float));
            Finish();
        }
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<double> source, View destination)
    {
        float[] values = new float[source.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)source[i];
        Upload(values, destination);
    }

    /// <inheritdoc/>
    public override void Download(View source, Span<float> destination)
    {
        nint memory = Memory(source, destination.Length);
        HostReadCount++;
        if (destination.IsEmpty)
            return;
        fixed (float* p = destination)
        {
            Read(memory, source.Offset * sizeof(float), p, (long)destination.Length * sizeof(float));
            Finish();
        }
    }

    /// <inheritdoc/>
    public override void Download(View source, Span<double> destination)
    {
        float[] values = new float[destination.Length];
        Download(source, values);
        for (int i = 0; i < values.Length; i++)
            destination[i] = values[i];
    }

    /// <summary>Enqueues a copy to the device; the source is read later.</summary>
    protected abstract void Write(nint memory, long offset, void* source, long bytes);

    /// <summary>Enqueues a copy to the host; the destination is written later.</summary>
    protected abstract void Read(nint memory, long offset, void* destination, long bytes);

    private nint Memory(View view, int length)
    {
        ThrowIfUnusable();
        if (view.Length != length)
            throw new ArgumentException($"A copy between {length} numbers and a view of {view.Length}; the lengths must be equal.");
        return view.IsEmpty ? 0 : GpuBuffer.Memory(view.Buffer, this);
    }
}
