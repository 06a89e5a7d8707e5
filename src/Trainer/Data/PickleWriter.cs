using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace P6bNative.Trainer.Data;

/// <summary>
/// Writes the pickle of a numpy array of objects (protocol 3, as numpy's own save): None, bool, int, float, str, and dict, list and tuple
/// of these, in the types that <see cref="PickleReader"/> gives. A text that occurs again, the same object, is written once.
/// </summary>
internal sealed class PickleWriter(NpyRowWriter output)
{
    private const int FlushBytes = 1 << 16;

    // Python appends to a list in batches, so that no reader must hold the whole array on its stack.
    private const int BatchSize = 1000;

    private readonly ArrayBufferWriter<byte> _buffer = new(FlushBytes + 1024);
    private readonly Dictionary<string, int> _memo = new(ReferenceEqualityComparer.Instance);
    private long _items;
    private long _expected;

    public void BeginArray(ReadOnlySpan<long> shape)
    {
        _expected = 1;
        Bytes(PickleOp.Protocol, 3);
        Global("numpy.core.multiarray", "_reconstruct");
        Global("numpy", "ndarray");
        Bytes(PickleOp.BinInt1, 0, PickleOp.Tuple1, PickleOp.ShortBinBytes, 1, (byte)'b', PickleOp.Tuple3, PickleOp.Reduce);
        Bytes(PickleOp.Mark, PickleOp.BinInt1, 1, PickleOp.Mark);
        foreach (long extent in shape)
        {
            Value(extent);
            _expected *= extent;
        }
        Bytes(PickleOp.Tuple);
        Global("numpy", "dtype");
        Value("O8");
        Bytes(PickleOp.NewFalse, PickleOp.NewTrue, PickleOp.Tuple3, PickleOp.Reduce);
        Value(new object?[] { 3L, "|", null, null, null, -1L, -1L, 63L });
        Bytes(PickleOp.Build, PickleOp.NewFalse, PickleOp.EmptyList);
    }

    /// <summary>Appends one object of the array.</summary>
    public void Add(object? value)
    {
        if (_items++ % BatchSize == 0)
            Bytes(PickleOp.Mark);
        Value(value);
        if (_items % BatchSize == 0)
            Bytes(PickleOp.Appends);
        if (_buffer.WrittenCount >= FlushBytes)
            Flush();
    }

    public void EndArray()
    {
        if (_items != _expected)
            throw new InvalidOperationException($"{_items} objects were added to an array of {_expected}.");
        if (_items % BatchSize != 0)
            Bytes(PickleOp.Appends);
        Bytes(PickleOp.Tuple, PickleOp.Build, PickleOp.Stop);
        Flush();
    }

    private void Value(object? value)
    {
        switch (value)
        {
            case null: Bytes(PickleOp.None); break;
            case bool flag: Bytes(flag ? PickleOp.NewTrue : PickleOp.NewFalse); break;
            case long number: Integer(number); break;
            case double number: Float(number); break;
            case string text: Text(text); break;
            case PickleDict dict: Dict(dict); break;
            case List<object?> list: Items(PickleOp.EmptyList, list, PickleOp.Appends); break;
            case object?[] { Length: 0 }: Bytes(PickleOp.EmptyTuple); break;
            case object?[] tuple: Items(null, tuple, PickleOp.Tuple); break;
            default: throw new ArgumentException($"{value.GetType().Name} is not written to pickles.", nameof(value));
        }
    }

    private void Integer(long number)
    {
        switch (number)
        {
            case >= 0 and <= byte.MaxValue:
                Bytes(PickleOp.BinInt1, (byte)number);
                break;
            case >= 0 and <= ushort.MaxValue:
                Bytes(PickleOp.BinInt2);
                BinaryPrimitives.WriteUInt16LittleEndian(Take(2), (ushort)number);
                break;
            case >= int.MinValue and <= int.MaxValue:
                Bytes(PickleOp.BinInt);
                BinaryPrimitives.WriteInt32LittleEndian(Take(4), (int)number);
                break;
            default:
                Bytes(PickleOp.Long1, 8);
                BinaryPrimitives.WriteInt64LittleEndian(Take(8), number);
                break;
        }
    }

    private void Float(double number)
    {
        Bytes(PickleOp.BinFloat);
        BinaryPrimitives.WriteDoubleBigEndian(Take(8), number);
    }

    private void Text(string text)
    {
        if (_memo.TryGetValue(text, out int known))
        {
            Reference(PickleOp.BinGet, PickleOp.LongBinGet, known);
            return;
        }
        int length = Encoding.UTF8.GetByteCount(text);
        Bytes(PickleOp.BinUnicode);
        BinaryPrimitives.WriteInt32LittleEndian(Take(4), length);
        Encoding.UTF8.GetBytes(text, Take(length));
        Reference(PickleOp.BinPut, PickleOp.LongBinPut, _memo.Count);
        _memo.Add(text, _memo.Count);
    }

    private void Reference(byte shortOp, byte longOp, int index)
    {
        if (index <= byte.MaxValue)
        {
            Bytes(shortOp, (byte)index);
            return;
        }
        Bytes(longOp);
        BinaryPrimitives.WriteInt32LittleEndian(Take(4), index);
    }

    private void Dict(PickleDict dict)
    {
        Bytes(PickleOp.EmptyDict, PickleOp.Mark);
        foreach ((object? key, object? value) in dict.Entries)
        {
            Value(key);
            Value(value);
        }
        Bytes(PickleOp.SetItems);
    }

    private void Items(byte? begin, IReadOnlyList<object?> items, byte end)
    {
        if (begin is { } op)
            Bytes(op);
        Bytes(PickleOp.Mark);
        foreach (object? item in items)
            Value(item);
        Bytes(end);
    }

    private void Global(string module, string name)
    {
        Bytes(PickleOp.Global);
        string line = $"{module}\n{name}\n";
        Encoding.ASCII.GetBytes(line, Take(line.Length));
    }

    private void Bytes(params ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    private Span<byte> Take(int count)
    {
        Span<byte> bytes = _buffer.GetSpan(count)[..count];
        _buffer.Advance(count);
        return bytes;
    }

    private void Flush()
    {
        output.WriteBytes(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
