namespace P6bNative.Trainer.Data;

/// <summary>
/// Vectors held in memory as float32, in blocks: more than 2³¹ floats fit, and a block is allocated only when the one before has been read.
/// </summary>
internal sealed class ResidentVectors : VectorTable
{
    private const int BlockBytes = 32 << 20;

    private readonly List<float[]> _blocks = [];
    private readonly int _blockRows;

    private ResidentVectors(long rows, int rowLength)
        : base(rows, rowLength) => _blockRows = Math.Max(1, BlockBytes / 4 / rowLength);

    public static ResidentVectors Read(NpyArray array, int rowLength, VectorCheck check)
    {
        var table = new ResidentVectors(array.Header.Shape[0], rowLength);
        array.EnsureFits(array.Header.Count, sizeof(float));
        using NpyValueReader reader = array.ReadValues();
        if (array.Header.FortranOrder)
        {
            table.ReadColumnMajor(reader, array);
            for (long row = 0; row < table.Rows; row++)
                check.Row(row, table.Row(row));
            return table;
        }
        for (long row = 0; row < table.Rows; row++)
        {
            if (row % table._blockRows == 0)
                table.AddBlock(array);
            Span<float> values = table.Row(row);
            reader.ReadSingles(values);
            check.Row(row, values);
        }
        return table;
    }

    public override void CopyRow(long row, Span<float> destination) => Row(row).CopyTo(destination);

    private void AddBlock(NpyArray array)
    {
        long rows = Math.Min(_blockRows, Rows - (long)_blocks.Count * _blockRows);
        try
        {
            _blocks.Add(new float[rows * RowLength]);
        }
        catch (OutOfMemoryException e)
        {
            throw new InputException($"{array.Where}: {Rows} rows of {RowLength} floats do not fit into memory; save them uncompressed as float32, "
                + "which is read in place", e);
        }
    }

    private Span<float> Row(long row) => _blocks[(int)(row / _blockRows)].AsSpan((int)(row % _blockRows) * RowLength, RowLength);

    // The first index runs fastest: one component of all rows after the other.
    private void ReadColumnMajor(NpyValueReader reader, NpyArray array)
    {
        while ((long)_blocks.Count * _blockRows < Rows)
            AddBlock(array);
        var column = new float[_blockRows];
        long[] inner = [.. array.Header.Shape.Skip(1)];
        var index = new long[inner.Length];
        for (int component = 0; component < RowLength; component++)
        {
            int at = (int)NpyOrder.RowMajorIndex(index, inner);
            foreach (float[] block in _blocks)
            {
                Span<float> values = column.AsSpan(0, block.Length / RowLength);
                reader.ReadSingles(values);
                for (int row = 0; row < values.Length; row++)
                    block[row * RowLength + at] = values[row];
            }
            NpyOrder.Advance(index, inner);
        }
    }
}
