using P6bNative.Kernels.Host;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Devices;

/// <summary>The CPU: float, SIMD and threads. Results are the same bits for every vector width and number of threads.</summary>
public sealed class HostDevice : Device
{
    private readonly HostOperations _operations;
    private IOperations? _timed;
    private long _allocatedBytes;

    /// <summary>Opens the CPU.</summary>
    /// <param name="threads">Threads to use, the caller's included; 0 means one for each core.</param>
    /// <param name="width">Vector registers; Auto asks the environment variable <see cref="VectorWidths.Variable"/>, then the processor.</param>
    /// <exception cref="ArgumentException">The processor lacks the width, or the environment variable is not a width.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threads"/> is negative.</exception>
    public HostDevice(int threads = 0, VectorWidth width = VectorWidth.Auto)
        : this(threads, width, Environment.GetEnvironmentVariable(VectorWidths.Variable))
    {
    }

    internal HostDevice(int threads, VectorWidth width, string? environment) =>
        _operations = new HostOperations(threads, VectorWidths.Resolve(width, environment));

    /// <inheritdoc/>
    public override string Name => "host";

    /// <inheritdoc/>
    public override string Description
    {
        get
        {
            string vectors = Width == VectorWidth.Scalar ? "scalar" : $"{(int)Width}-bit vectors";
            return $"{ProcessorName.Value}, {vectors}, {Threads} {(Threads == 1 ? "thread" : "threads")}";
        }
    }

    /// <inheritdoc/>
    public override IOperations Operations => _timed ?? _operations;

    /// <inheritdoc/>
    public override long AllocatedBytes => Interlocked.Read(ref _allocatedBytes);

    /// <summary>Threads in use, the caller's included.</summary>
    public int Threads => _operations.Threads;

    /// <summary>Vector registers in use.</summary>
    public VectorWidth Width => _operations.Width;

    /// <inheritdoc/>
    public override Buffer Allocate(long length) => new HostBuffer(this, length);

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<float> source, View destination) => source.CopyTo(Elements(destination, source.Length));

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<double> source, View destination)
    {
        Span<float> elements = Elements(destination, source.Length);
        for (int i = 0; i < source.Length; i++)
            elements[i] = (float)source[i];
    }

    /// <inheritdoc/>
    public override void Download(View source, Span<float> destination) => Elements(source, destination.Length).CopyTo(destination);

    /// <inheritdoc/>
    public override void Download(View source, Span<double> destination)
    {
        Span<float> elements = Elements(source, destination.Length);
        for (int i = 0; i < destination.Length; i++)
            destination[i] = elements[i];
    }

    /// <inheritdoc/>
    public override DeviceProfile StartProfiling()
    {
        var profile = new DeviceProfile(() => { }, () => _timed = null);
        _timed = TimedOperations.Over(_operations, profile);
        return profile;
    }

    /// <inheritdoc/>
    public override void Synchronize()
    {
        // Every operation has run when its call returns.
    }

    /// <summary>Adds to the bytes held.</summary>
    internal void Count(long bytes) => Interlocked.Add(ref _allocatedBytes, bytes);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _operations.Dispose();
    }

    private static unsafe Span<float> Elements(View view, int length) => view.Length == length
        ? new Span<float>(HostBuffer.Pointer(view), length)
        : throw new ArgumentException($"A copy between {length} numbers and a view of {view.Length}; the lengths must be equal.");
}
