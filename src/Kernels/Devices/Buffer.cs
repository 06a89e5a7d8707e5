namespace P6bNative.Kernels.Devices;

/// <summary>A block of device memory holding <see cref="Length"/> numbers: float, or double on the Reference device. Zero when allocated.</summary>
public abstract class Buffer : IDisposable
{
    /// <summary>Creates the description of a block.</summary>
    /// <param name="length">Number of elements, at least 1.</param>
    protected Buffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        Length = length;
    }

    /// <summary>Number of elements.</summary>
    public long Length { get; }

    /// <summary>The whole buffer.</summary>
    public View All => new(this, 0, Length);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the memory to the device.</summary>
    /// <param name="disposing">False when called from a finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
