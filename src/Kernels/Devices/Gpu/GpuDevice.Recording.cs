namespace P6bNative.Kernels.Devices;

internal abstract partial class GpuDevice
{
    private long _recordedLaunches;

    /// <summary>Whether launches are being recorded now, not run.</summary>
    public bool IsRecording { get; private set; }

    /// <summary>Called before each replay, when the device takes uploads: brings what changes from step to step up to date.</summary>
    public Action? BeforeReplay { get; set; }

    /// <inheritdoc/>
    public sealed override Recording? Record(Action body)
    {
        Enter();
        ThrowIfRecording();
        if (IsProfiling || !BeginRecording())
            return null;
        IsRecording = true;
        _recordedLaunches = 0;
        try
        {
            body();
        }
        catch
        {
            IsRecording = false;
            nint unfinished = EndRecording();
            if (unfinished != 0)
                FreeRecording(unfinished);
            throw;
        }
        IsRecording = false;
        nint handle = EndRecording();
        return handle == 0 ? null : new GpuRecording(this, handle, _recordedLaunches);
    }

    /// <summary>Runs a recording.</summary>
    internal void Replay(nint recording, long launches)
    {
        Enter();
        ThrowIfRecording();
        BeforeReplay?.Invoke();
        EnqueueRecording(recording);
        LaunchCount += launches;
    }

    /// <summary>Releases what the driver keeps of a recording.</summary>
    internal void Release(GpuRecording recording)
    {
        if (_isDisposed)
            return;
        AttachToRelease();
        FreeRecording(recording.Handle);
    }

    /// <summary>From here on launches are recorded.</summary>
    /// <returns>False where the driver offers no recording.</returns>
    protected abstract bool BeginRecording();

    /// <summary>Ends the recording.</summary>
    /// <returns>What the driver calls it; 0 if it could not be made.</returns>
    protected abstract nint EndRecording();

    /// <summary>Enqueues a recording behind everything before it.</summary>
    protected abstract void EnqueueRecording(nint recording);

    /// <summary>Releases a recording, when its last run has ended.</summary>
    protected abstract void FreeRecording(nint recording);

    private void ThrowIfRecording()
    {
        if (IsRecording)
            throw new InvalidOperationException("While operations are recorded nothing can be copied, allocated, waited for or replayed.");
    }
}
