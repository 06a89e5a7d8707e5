namespace P6bNative.Trainer.Evaluation;

/// <summary>A matrix inside an array.</summary>
/// <param name="Values">The array.</param>
/// <param name="Offset">Where element (0, 0) stands.</param>
/// <param name="RowStride">From one row to the next.</param>
/// <param name="ColumnStride">From one column to the next.</param>
internal readonly record struct StridedMatrix(double[] Values, int Offset, int RowStride, int ColumnStride)
{
    /// <summary>The same with rows and columns exchanged.</summary>
    public StridedMatrix Transposed => this with { RowStride = ColumnStride, ColumnStride = RowStride };

    /// <summary>A whole array, row by row.</summary>
    public static StridedMatrix OfRows(double[] values, int columns) => new(values, 0, columns, 1);

    /// <summary>The part that begins at an element.</summary>
    public StridedMatrix At(int row, int column) => this with { Offset = Offset + row * RowStride + column * ColumnStride };

    /// <summary>The beginning of a row whose columns follow each other.</summary>
    public Span<double> Run(int row, int length) => Values.AsSpan(Offset + row * RowStride, length);

    /// <summary>Subtracts from an element.</summary>
    public void Subtract(int row, int column, double value) => Values[Offset + row * RowStride + column * ColumnStride] -= value;
}
