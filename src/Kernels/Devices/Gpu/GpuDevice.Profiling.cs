namespace P6bNative.Kernels.Devices;

internal abstract partial class GpuDevice
{
    /// <summary>Names of the rows that are not kernels.</summary>
    protected const string CopyToDevice = "(copy to device)", CopyToHost = "(copy to host)", ReplayedWork = "(recorded work)";

    private const int MostPending = 4096;

    private readonly List<(string Name, nint Start, nint End)> _timings = [];
    private DeviceProfile? _profile;

    /// <summary>Whether everything enqueued is to be timed.</summary>
    protected bool IsProfiling => _profile is not null;

    /// <inheritdoc/>
    public sealed override DeviceProfile StartProfiling()
    {
        Enter();
        ThrowIfRecording();
        EndProfiling();
        BeginTiming();
        return _profile = new DeviceProfile(WaitAndCollect, EndProfiling);
    }

    /// <summary>Notes what was enqueued while <see cref="IsProfiling"/>.</summary>
    /// <param name="name">Its row.</param>
    /// <param name="start">Event that tells when it began.</param>
    /// <param name="end">Event that tells when it ended; 0 where one event tells both.</param>
    protected void Timed(string name, nint start, nint end)
    {
        _timings.Add((name, start, end));
        if (_timings.Count >= MostPending)
            WaitAndCollect();
    }

    /// <summary>Adds what was timed otherwise.</summary>
    protected void Timed(string name, double milliseconds) => _profile!.Add(name, milliseconds);

    /// <summary>Prepares the queue for timing.</summary>
    protected abstract void BeginTiming();

    /// <summary>Milliseconds between two events that have happened; releases them.</summary>
    protected abstract double Elapsed(nint start, nint end);

    /// <summary>Ends what <see cref="BeginTiming"/> began.</summary>
    protected abstract void EndTiming();

    private void WaitAndCollect()
    {
        if (_isDisposed || _lost is not null)
            return;
        FinishAndCollect();
    }

    private void FinishAndCollect()
    {
        Finish();
        foreach ((string name, nint start, nint end) in _timings)
            _profile?.Add(name, Elapsed(start, end));
        _timings.Clear();
    }

    private void EndProfiling()
    {
        if (_profile is null || _isDisposed)
            return;
        WaitAndCollect();
        EndTiming();
        _profile = null;
    }
}
