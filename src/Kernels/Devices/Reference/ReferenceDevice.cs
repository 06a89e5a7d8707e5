using P6bNative.Kernels.Operations;
using P6bNative.Kernels.Reference;

namespace P6bNative.Kernels.Devices;

/// <summary>Every operation as plain double-precision loops on one thread: slow, and what the other devices are held against.</summary>
public sealed class ReferenceDevice : Device
{
    private readonly ReferenceOperations _operations = new();
    private IOperations? _timed;
    private long _allocatedElements;

    /// <inheritdoc/>
    public override string Name => "reference";

    /// <inheritdoc/>
    public override string Description => "reference: double precision, plain loops, 1 thread";

    /// <inheritdoc/>
    public override IOperations Operations => _timed ?? _operations;

    /// <inheritdoc/>
    public override long AllocatedBytes => _allocatedElements * sizeof(double);

    /// <inheritdoc/>
    public override Buffer Allocate(long length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Array.MaxLength);
        var buffer = new ReferenceBuffer(this, (int)length);
        _allocatedElements += length;
        return buffer;
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<float> source, View destination)
    {
        Span<double> elements = Matching(destination, source.Length);
        for (int i = 0; i < source.Length; i++)
            elements[i] = source[i];
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<double> source, View destination) => source.CopyTo(Matching(destination, source.Length));

    /// <inheritdoc/>
    public override void Download(View source, Span<float> destination)
    {
        Span<double> elements = Matching(source, destination.Length);
        for (int i = 0; i < elements.Length; i++)
            destination[i] = (float)elements[i];
    }

    /// <inheritdoc/>
    public override void Download(View source, Span<double> destination) => Matching(source, destination.Length).CopyTo(destination);

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
    }

    /// <summary>Tells that a buffer of this device gave its memory back.</summary>
    internal void Released(int elements) => _allocatedElements -= elements;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    private static Span<double> Matching(View view, int length)
    {
        if (view.Length != length)
            throw new ArgumentException($"A copy between a view of {view.Length} elements and an array of {length}.", nameof(view));
        return ReferenceBuffer.Span(view);
    }
}
