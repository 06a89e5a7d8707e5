namespace P6bNative.Kernels.Devices;

/// <summary>Doubles in a managed array.</summary>
internal sealed class ReferenceBuffer(ReferenceDevice owner, int length) : Buffer(length)
{
    private double[]? _elements = new double[length];

    /// <summary>The numbers of <paramref name="view"/>.</summary>
    /// <exception cref="ArgumentException">The view is empty or belongs to another kind of device.</exception>
    /// <exception cref="ObjectDisposedException">Its buffer was disposed.</exception>
    public static Span<double> Span(View view)
    {
        if (view.Buffer is not ReferenceBuffer buffer)
            throw new ArgumentException($"The reference device was given a view of {view.Buffer?.GetType().Name ?? "nothing"}.", nameof(view));
        ObjectDisposedException.ThrowIf(buffer._elements is null, buffer);
        return buffer._elements.AsSpan((int)view.Offset, (int)view.Length);
    }

    protected override void Dispose(bool disposing)
    {
        if (_elements is null)
            return;
        owner.Released(_elements.Length);
        _elements = null;
    }
}
