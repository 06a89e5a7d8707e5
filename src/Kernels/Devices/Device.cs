using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Devices;

/// <summary>Where operations run: allocates memory, copies, and executes the operations of <see cref="IOperations"/>. Not thread-safe.</summary>
public abstract class Device : IDisposable
{
    /// <summary>Name as the console writes it: <c>host</c>, <c>reference</c>, <c>opencl:0</c>, <c>cuda:0</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, for people: processor, vector width, threads, memory.</summary>
    public abstract string Description { get; }

    /// <summary>The operations, executed here. Calls may be asynchronous; <see cref="Download(View, Span{float})"/> waits.</summary>
    public abstract IOperations Operations { get; }

    /// <summary>Bytes held by live buffers.</summary>
    public abstract long AllocatedBytes { get; }

    /// <summary>What has been asked of the device so far; all zero on the host, where calls run at once.</summary>
    public virtual DeviceActivity Activity => default;

    /// <summary>Allocates zeroed memory.</summary>
    /// <param name="length">Number of elements, at least 1.</param>
    public abstract Buffer Allocate(long length);

    /// <summary>Copies numbers to the device.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Upload(ReadOnlySpan<float> source, View destination);

    /// <summary>Copies numbers to the device; rounded to float where its elements are float.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Upload(ReadOnlySpan<double> source, View destination);

    /// <summary>Waits for the operations before it and copies numbers to the host.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Download(View source, Span<float> destination);

    /// <summary>Waits for the operations before it and copies numbers to the host at the device's own precision.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void Download(View source, Span<double> destination);

    /// <summary>Copies two runs of numbers to the host at the cost of one wait.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public virtual void Download(View first, Span<double> firstDestination, View second, Span<double> secondDestination)
    {
        Download(first, firstDestination);
        Download(second, secondDestination);
    }

    /// <summary>
    /// Records the operations that <paramref name="body"/> asks for, without running them, so that they can be replayed at lower cost.
    /// Everything they use must have run once before, so that nothing is compiled or allocated while recording.
    /// </summary>
    /// <param name="body">Calls operations only: no copy, no allocation, no wait.</param>
    /// <returns>The recording; null where this device has nothing to gain, or cannot: call <paramref name="body"/> itself then.</returns>
    public virtual Recording? Record(Action body) => null;

    /// <summary>
    /// Measures from now on where the time goes. Slows the device down, and <see cref="Record"/> gives null meanwhile. A second call starts anew.
    /// </summary>
    /// <returns>The measurement: it goes on until it is disposed.</returns>
    public abstract DeviceProfile StartProfiling();

    /// <summary>Waits until everything asked for has run.</summary>
    public abstract void Synchronize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases threads and memory.</summary>
    /// <param name="disposing">False when called from a finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
