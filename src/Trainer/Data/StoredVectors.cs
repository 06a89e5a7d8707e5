using System.Runtime.InteropServices;

namespace P6bNative.Trainer.Data;

/// <summary>Vectors left in the file, so that a file may be larger than memory.</summary>
internal sealed class StoredVectors(NpyArray array, int rowLength) : VectorTable(array.Header.Shape[0], rowLength)
{
    private readonly long _position = array.StoredPosition;
    private readonly int _itemSize = array.Header.ItemSize;

    public static StoredVectors Open(NpyArray array, int rowLength, VectorCheck check)
    {
        var table = new StoredVectors(array, rowLength);
        var values = new float[rowLength];
        using NpyValueReader reader = array.ReadValues();
        for (long row = 0; row < table.Rows; row++)
        {
            reader.ReadSingles(values);
            check.Row(row, values);
        }
        return table;
    }

    public override void CopyRow(long row, Span<float> destination)
    {
        destination = destination[..RowLength];
        long position = _position + row * RowLength * _itemSize;
        if (_itemSize == 4)
        {
            array.ReadStored(position, MemoryMarshal.AsBytes(destination));
            return;
        }
        Span<byte> bytes = stackalloc byte[4096];
        while (destination.Length > 0)
        {
            int count = Math.Min(destination.Length, bytes.Length / _itemSize);
            Span<byte> chunk = bytes[..(count * _itemSize)];
            array.ReadStored(position, chunk);
            NpyValueReader.ConvertToSingle(chunk, _itemSize, destination[..count]);
            destination = destination[count..];
            position += chunk.Length;
        }
    }
}
