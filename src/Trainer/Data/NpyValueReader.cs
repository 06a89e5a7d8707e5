using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace P6bNative.Trainer.Data;

/// <summary>Converts the elements of an array while it reads them, in the order of the file.</summary>
internal sealed class NpyValueReader(ZipMemberStream stream, NpyHeader header, string where) : IDisposable
{
    // A multiple of every element size.
    private readonly byte[] _buffer = new byte[1 << 16];

    /// <summary>The next elements of a float array; float64 is rounded to float32.</summary>
    public void ReadSingles(Span<float> destination)
    {
        if (header.Kind != NpyKind.Float)
            throw new InputException($"{where}: dtype {header.Descr} is not a float; f2, f4 and f8 are read");
        if (header.ItemSize == 4 && !header.BigEndian)
        {
            stream.ReadExactly(MemoryMarshal.AsBytes(destination));
            return;
        }
        while (destination.Length > 0)
        {
            Span<byte> bytes = ReadChunk(destination.Length);
            int count = bytes.Length / header.ItemSize;
            ConvertToSingle(bytes, header.ItemSize, destination[..count]);
            destination = destination[count..];
        }
    }

    /// <summary>The next elements of an integer or boolean array.</summary>
    public void ReadIntegers(Span<long> destination)
    {
        if (header.Kind is not (NpyKind.Integer or NpyKind.Unsigned or NpyKind.Boolean))
            throw new InputException($"{where}: dtype {header.Descr} is not an integer");
        while (destination.Length > 0)
        {
            Span<byte> bytes = ReadChunk(destination.Length);
            int count = bytes.Length / header.ItemSize;
            for (int i = 0; i < count; i++)
                destination[i] = ToInt64(bytes.Slice(i * header.ItemSize, header.ItemSize));
            destination = destination[count..];
        }
    }

    public void Dispose() => stream.Dispose();

    /// <summary>Little-endian floats of 2, 4 or 8 bytes as 32-bit floats.</summary>
    internal static void ConvertToSingle(ReadOnlySpan<byte> bytes, int itemSize, Span<float> destination)
    {
        switch (itemSize)
        {
            case 2:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(bytes), destination);
                break;
            case 4:
                MemoryMarshal.Cast<byte, float>(bytes).CopyTo(destination);
                break;
            default:
                TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, double>(bytes), destination);
                break;
        }
    }

    private Span<byte> ReadChunk(int elements)
    {
        Span<byte> bytes = _buffer.AsSpan(0, Math.Min(elements, _buffer.Length / header.ItemSize) * header.ItemSize);
        stream.ReadExactly(bytes);
        if (!header.BigEndian)
            return bytes;
        switch (header.ItemSize)
        {
            case 2:
                Span<short> words = MemoryMarshal.Cast<byte, short>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 4:
                Span<int> doubleWords = MemoryMarshal.Cast<byte, int>(bytes);
                BinaryPrimitives.ReverseEndianness(doubleWords, doubleWords);
                break;
            default:
                Span<long> quadWords = MemoryMarshal.Cast<byte, long>(bytes);
                BinaryPrimitives.ReverseEndianness(quadWords, quadWords);
                break;
        }
        return bytes;
    }

    private long ToInt64(ReadOnlySpan<byte> item)
    {
        bool signed = header.Kind == NpyKind.Integer;
        switch (header.ItemSize)
        {
            case 1:
                return signed ? (sbyte)item[0] : item[0];
            case 2:
                return signed ? BinaryPrimitives.ReadInt16LittleEndian(item) : BinaryPrimitives.ReadUInt16LittleEndian(item);
            case 4:
                return signed ? BinaryPrimitives.ReadInt32LittleEndian(item) : BinaryPrimitives.ReadUInt32LittleEndian(item);
            default:
                long value = BinaryPrimitives.ReadInt64LittleEndian(item);
                return signed || value >= 0 ? value : throw new InputException($"{where}: {(ulong)value} does not fit a signed 64-bit integer");
        }
    }
}
