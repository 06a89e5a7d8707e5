using P6bNative.Kernels.Devices;

namespace P6bNative.Trainer.Training;

/// <summary>Device work that repeats: run plainly the first time, recorded where the device can, replayed from then on.</summary>
internal sealed class ReplayedWork(Device device, Action body) : IDisposable
{
    private Recording? _recording;
    private int _runs;

    /// <summary>Asks for the work.</summary>
    public void Run()
    {
        // The first run compiles kernels and allocates scratch memory, which a recording may not.
        if (_runs < 2 && _runs++ == 1) _recording = device.Record(body);
        if (_recording is null)
            body();
        else
            _recording.Replay();
    }

    /// <inheritdoc/>
    public void Dispose() => _recording?.Dispose();
}
