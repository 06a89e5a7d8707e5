using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

/// <summary>Element access to a <see cref="MatrixView"/> of the reference device.</summary>
internal readonly ref struct Matrix(MatrixView view)
{
    private readonly Span<double> _elements = ReferenceBuffer.Span(view.Data);

    public int Rows { get; } = view.Rows;

    public int Columns { get; } = view.Columns;

    public ref double this[int row, int column] => ref _elements[row * view.Stride + column];

    public ReadOnlySpan<double> Row(int row) => _elements.Slice(row * view.Stride, Columns);
}
