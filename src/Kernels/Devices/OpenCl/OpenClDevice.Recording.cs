using System.Diagnostics;

namespace P6bNative.Kernels.Devices;

internal sealed unsafe partial class OpenClDevice
{
    private readonly OpenClCommandBuffers? _commandBuffers;
    private readonly Dictionary<nint, List<nint>> _recordedKernels = [];
    private readonly HashSet<nint> _replaysUnderWay = [];
    private nint _recording;

    /// <inheritdoc/>
    protected override bool BeginRecording()
    {
        _recording = _commandBuffers?.Create(_plainQueue) ?? 0;
        if (_recording != 0)
            _recordedKernels.Add(_recording, []);
        return _recording != 0;
    }

    /// <inheritdoc/>
    protected override nint EndRecording()
    {
        nint recording = _recording;
        _recording = 0;
        if (recording == 0 || _commandBuffers!.Complete(recording) == OpenClStatus.Success)
            return recording;
        FreeRecording(recording);
        return 0;
    }

    /// <inheritdoc/>
    protected override void EnqueueRecording(nint recording)
    {
        if (_queue != _plainQueue)
        {
            ReplayTimed(recording);
            return;
        }
        if (!_commandBuffers!.CanOverlap && !_replaysUnderWay.Add(recording))
            Finish();
        Check(_commandBuffers.Enqueue(recording), "clEnqueueCommandBufferKHR");
        Flush();
    }

    /// <inheritdoc/>
    protected override void FreeRecording(nint recording)
    {
        _ = _api.Finish(_plainQueue);
        _commandBuffers!.Release(recording);
        if (!_recordedKernels.Remove(recording, out List<nint>? kernels))
            return;
        foreach (nint kernel in kernels)
            _ = _api.ReleaseKernel(kernel);
    }

    /// <inheritdoc/>
    protected override void BeginTiming()
    {
        const ulong timed = 1 << 1;
        Finish();
        _queue = CreateQueue(timed);
    }

    /// <inheritdoc/>
    protected override double Elapsed(nint start, nint end)
    {
        const uint commandStart = 0x1282, commandEnd = 0x1283;
        ulong from = 0, to = 0;
        _ = _api.GetEventProfilingInfo(start, commandStart, sizeof(ulong), &from, null);
        _ = _api.GetEventProfilingInfo(start, commandEnd, sizeof(ulong), &to, null);
        _ = _api.ReleaseEvent(start);
        return (to - from) * 1e-6;
    }

    /// <inheritdoc/>
    protected override void EndTiming()
    {
        _ = _api.ReleaseCommandQueue(_queue);
        _queue = _plainQueue;
    }

    // A buffer runs on the queue that it was recorded for, which takes no times.
    private void ReplayTimed(nint recording)
    {
        Finish();
        long start = Stopwatch.GetTimestamp();
        Check(_commandBuffers!.Enqueue(recording), "clEnqueueCommandBufferKHR");
        CheckWait(_api.Finish(_plainQueue), "clFinish");
        Timed(ReplayedWork, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
    }

    // PoCL 3.1 reads the arguments of a recorded kernel when it runs, not when it was recorded: each launch needs a kernel object of its own.
    private nint RecordedKernel(CompiledKernel kernel)
    {
        nint own = _programs.CreateKernel(kernel);
        if (_recordedKernels.TryGetValue(_recording, out List<nint>? kernels))
            kernels.Add(own);
        return own;
    }

    // A command that cannot be recorded spoils the recording: it is given up, and its work runs plainly.
    private void Record(nint kernel, nuint* global, nuint* local)
    {
        if (_commandBuffers!.Add(_recording, kernel, global, local) == OpenClStatus.Success)
            return;
        FreeRecording(_recording);
        _recording = 0;
    }
}
