namespace P6bNative.Kernels.Devices;

/// <summary>A run of elements inside a <see cref="Buffer"/>. The default value is the empty view ("not given").</summary>
/// <param name="Buffer">The memory.</param>
/// <param name="Offset">First element.</param>
/// <param name="Length">Number of elements.</param>
public readonly record struct View(Buffer Buffer, long Offset, long Length)
{
    /// <summary>True for the default value: an optional argument that is absent.</summary>
    public bool IsEmpty => Buffer is null;

    /// <summary>A part of this view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside this view.</exception>
    public View Slice(long offset, long length)
    {
        if (offset < 0 || length < 0 || offset + length > Length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Slice [{offset}, {offset + length}) lies outside a view of {Length} elements.");
        return new View(Buffer, Offset + offset, length);
    }

    /// <summary>This view as a dense row-major matrix.</summary>
    public MatrixView AsMatrix(int rows, int columns) => new(this, rows, columns, columns);
}

/// <summary>A row-major matrix inside a <see cref="Buffer"/>; element (r, c) is at Data.Offset + r·Stride + c.</summary>
/// <param name="Data">The elements; long enough for the last row.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="Stride">Elements from one row to the next, at least <paramref name="Columns"/>.</param>
public readonly record struct MatrixView(View Data, int Rows, int Columns, int Stride)
{
    /// <summary>True for the default value: an optional argument that is absent.</summary>
    public bool IsEmpty => Data.IsEmpty;

    /// <summary>True where rows follow each other without a gap.</summary>
    public bool IsDense => Stride == Columns;

    /// <summary>Rows [start, start + count).</summary>
    public MatrixView SliceRows(int start, int count) =>
        new(Data.Slice((long)start * Stride, count == 0 ? 0 : (long)(count - 1) * Stride + Columns), count, Columns, Stride);

    /// <summary>Columns [start, start + count), the stride unchanged.</summary>
    public MatrixView SliceColumns(int start, int count) =>
        new(Data.Slice(start, Rows == 0 ? 0 : (long)(Rows - 1) * Stride + count), Rows, count, Stride);
}
