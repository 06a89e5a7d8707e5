namespace P6bNative.Kernels.Devices;

internal sealed unsafe partial class CudaDevice
{
    /// <inheritdoc/>
    protected override bool BeginRecording()
    {
        // Relaxed: what the driver loads at a kernel's first use does not spoil the recording.
        const int relaxed = 2;
        Check(_api.StreamBeginCapture(_stream, relaxed), "cuStreamBeginCapture");
        return true;
    }

    /// <inheritdoc/>
    protected override nint EndRecording()
    {
        nint graph, executable;
        Check(_api.StreamEndCapture(_stream, &graph), "cuStreamEndCapture");
        int result = _api.GraphInstantiate(&executable, graph, 0);
        _ = _api.GraphDestroy(graph);
        Check(result, "cuGraphInstantiate");
        return executable;
    }

    /// <inheritdoc/>
    protected override void EnqueueRecording(nint recording)
    {
        nint start = StartTiming();
        Check(_api.GraphLaunch(recording, _stream), "cuGraphLaunch");
        EndTiming(start, ReplayedWork);
    }

    /// <inheritdoc/>
    protected override void FreeRecording(nint recording)
    {
        _ = _api.StreamSynchronize(_stream);
        _ = _api.GraphExecDestroy(recording);
    }

    /// <inheritdoc/>
    protected override void BeginTiming()
    {
        // Events are recorded around each command; the stream stays as it is.
    }

    /// <inheritdoc/>
    protected override double Elapsed(nint start, nint end)
    {
        float milliseconds = 0;
        _ = _api.EventElapsedTime(&milliseconds, start, end);
        _ = _api.EventDestroy(start);
        _ = _api.EventDestroy(end);
        return milliseconds;
    }

    /// <inheritdoc/>
    protected override void EndTiming()
    {
    }

    private nint StartTiming() => IsProfiling && !IsRecording ? Mark() : 0;

    private void EndTiming(nint start, string name)
    {
        if (start != 0)
            Timed(name, start, Mark());
    }

    private nint Mark()
    {
        nint mark = CreateEvent(0);
        Check(_api.EventRecord(mark, _stream), "cuEventRecord");
        return mark;
    }
}
