namespace P6bNative.Trainer.Data;

/// <summary>The two element orders of numpy.</summary>
internal static class NpyOrder
{
    /// <summary>Elements in C order (last index fastest) from elements in Fortran order (first index fastest).</summary>
    public static T[] ToRowMajor<T>(T[] columnMajor, IReadOnlyList<long> shape)
    {
        if (shape.Count < 2)
            return columnMajor;
        var rowMajor = new T[columnMajor.Length];
        var index = new long[shape.Count];
        foreach (T value in columnMajor)
        {
            rowMajor[RowMajorIndex(index, shape)] = value;
            Advance(index, shape);
        }
        return rowMajor;
    }

    /// <summary>Where the element at an index stands in C order.</summary>
    public static long RowMajorIndex(ReadOnlySpan<long> index, IReadOnlyList<long> shape)
    {
        long position = 0;
        for (int axis = 0; axis < index.Length; axis++)
            position = position * shape[axis] + index[axis];
        return position;
    }

    /// <summary>The next index in Fortran order.</summary>
    public static void Advance(Span<long> index, IReadOnlyList<long> shape)
    {
        for (int axis = 0; axis < index.Length && ++index[axis] == shape[axis]; axis++)
            index[axis] = 0;
    }
}
