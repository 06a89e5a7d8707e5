namespace P6bNative.Kernels.Devices;

/// <summary>Launches recorded by a <see cref="GpuDevice"/>.</summary>
/// <param name="device">Where they run.</param>
/// <param name="handle">What the driver calls the recording.</param>
/// <param name="launches">How many there are.</param>
internal sealed class GpuRecording(GpuDevice device, nint handle, long launches) : Recording
{
    private bool _isDisposed;

    public nint Handle => handle;

    /// <inheritdoc/>
    public override void Replay()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        device.Replay(handle, launches);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing || _isDisposed)
            return;
        device.Release(this);
        _isDisposed = true;
    }
}
