namespace P6bNative.Kernels.Devices;

/// <summary>
/// Operations recorded by <see cref="Device.Record"/>, to be run again at the cost of one call. What changes from step to step is read anew at
/// each replay from the objects that were passed: <see cref="Operations.RandomKey"/> and <see cref="Operations.AdamWSettings"/>.
/// </summary>
public abstract class Recording : IDisposable
{
    /// <summary>Runs the operations again, on the same memory.</summary>
    public abstract void Replay();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the device keeps.</summary>
    /// <param name="disposing">False when called from a finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
