using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>Takes opcodes, numbers and texts off a pickle; refuses lengths that the rest of the member cannot hold.</summary>
internal sealed class PickleInput(ZipMemberStream stream, string where, long textLimit)
{
    private const int LineLimit = 256;

    private readonly byte[] _buffer = new byte[1 << 14];
    private long _textLeft = textLimit;
    private int _start;
    private int _end;

    public byte ReadByte()
    {
        if (_start == _end)
        {
            _start = 0;
            _end = stream.Read(_buffer);
            if (_end == 0)
                throw new InputException($"{where}: the pickle is cut off");
        }
        return _buffer[_start++];
    }

    public ushort ReadUInt16()
    {
        Span<byte> bytes = stackalloc byte[2];
        Fill(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    public int ReadInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Fill(bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes);
    }

    public long ReadInt64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    public double ReadDouble()
    {
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes);
        return BinaryPrimitives.ReadDoubleBigEndian(bytes);
    }

    /// <summary>A two's complement integer of n bytes.</summary>
    public long ReadLong(long length)
    {
        if (length is < 0 or > 8)
            throw new InputException($"{where}: the pickle holds an integer of {length} bytes; 64 bits are the limit");
        Span<byte> bytes = stackalloc byte[8];
        Fill(bytes[..(int)length]);
        bytes[(int)length..].Fill(length > 0 && bytes[(int)length - 1] >= 0x80 ? (byte)0xFF : (byte)0);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    public byte[] ReadBytes(long length)
    {
        long possible = Math.Min(stream.Remaining + _end - _start, _textLeft);
        if (length < 0 || length > possible || length > Array.MaxLength)
            throw new InputException($"{where}: the pickle claims a text of {length} bytes; {possible} are possible");
        _textLeft -= length;
        var bytes = new byte[length];
        Fill(bytes);
        return bytes;
    }

    // Lone surrogates, which Python pickles too, become replacement characters: such a text never matters here.
    public string ReadUtf8(long length) => Encoding.UTF8.GetString(ReadBytes(length));

    public string ReadLatin1(long length) => Encoding.Latin1.GetString(ReadBytes(length));

    /// <summary>Text up to the end of the line.</summary>
    public string ReadLine()
    {
        var line = new StringBuilder();
        for (byte b = ReadByte(); b != '\n'; b = ReadByte())
        {
            if (line.Length == LineLimit)
                throw new InputException($"{where}: the pickle has a name of more than {LineLimit} characters");
            line.Append((char)b);
        }
        return line.ToString();
    }

    private void Fill(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            if (_start == _end)
            {
                destination[0] = ReadByte();
                destination = destination[1..];
                continue;
            }
            int count = Math.Min(destination.Length, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(destination);
            _start += count;
            destination = destination[count..];
        }
    }
}
