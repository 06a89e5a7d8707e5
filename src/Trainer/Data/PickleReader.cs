namespace P6bNative.Trainer.Data;

/// <summary>
/// Reads the pickles that numpy writes for object arrays (protocols 2 to 5): an array of None, bool, int, float, str, and of dict, list
/// and tuple of these; numpy scalars count as numbers. Nothing in a pickle is ever run: a pickle that names any function or class
/// beyond the five of <see cref="PickleGlobal"/> is refused by that name.
/// </summary>
internal sealed class PickleReader(ZipMemberStream stream, string where, long expectedCount)
{
    private readonly PickleInput _input = new(stream, where, textLimit: (1 << 20) + 4096 * expectedCount);
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<int, object?> _memo = [];

    // Bounds what a small member that inflates to billions of opcodes can allocate, or how long it can take.
    private long _budget = 10_000 + 256 * expectedCount;

    /// <summary>The items of the one array in the pickle.</summary>
    /// <exception cref="InputException">The pickle is damaged, or holds anything else.</exception>
    public object?[] ReadArray()
    {
        if (_input.ReadByte() != PickleOp.Protocol || _input.ReadByte() is not (>= 2 and <= 5))
            throw Wrong("not a pickle of protocol 2 to 5");
        for (byte op = _input.ReadByte(); op != PickleOp.Stop; op = _input.ReadByte())
        {
            Spend(1);
            Execute(op);
        }
        return Pop() is PickleArray { Items: { } items } ? items : throw Wrong("the pickle does not hold a numpy array of objects");
    }

    private void Spend(long work)
    {
        _budget -= work;
        if (_budget < 0)
            throw Wrong($"the pickle is far larger than {expectedCount} objects need");
    }

    private void Execute(byte op)
    {
        switch (op)
        {
            case PickleOp.None: Push(null); break;
            case PickleOp.NewTrue: Push(true); break;
            case PickleOp.NewFalse: Push(false); break;
            case PickleOp.BinInt: Push((long)_input.ReadInt32()); break;
            case PickleOp.BinInt1: Push((long)_input.ReadByte()); break;
            case PickleOp.BinInt2: Push((long)_input.ReadUInt16()); break;
            case PickleOp.Long1: Push(_input.ReadLong(_input.ReadByte())); break;
            case PickleOp.Long4: Push(_input.ReadLong(_input.ReadInt32())); break;
            case PickleOp.BinFloat: Push(_input.ReadDouble()); break;
            case PickleOp.ShortBinUnicode: Push(_input.ReadUtf8(_input.ReadByte())); break;
            case PickleOp.BinUnicode: Push(_input.ReadUtf8((uint)_input.ReadInt32())); break;
            case PickleOp.BinUnicode8: Push(_input.ReadUtf8(_input.ReadInt64())); break;
            case PickleOp.ShortBinString: Push(_input.ReadLatin1(_input.ReadByte())); break;
            case PickleOp.BinString: Push(_input.ReadLatin1(_input.ReadInt32())); break;
            case PickleOp.ShortBinBytes: Push(_input.ReadBytes(_input.ReadByte())); break;
            case PickleOp.BinBytes: Push(_input.ReadBytes((uint)_input.ReadInt32())); break;
            case PickleOp.BinBytes8: Push(_input.ReadBytes(_input.ReadInt64())); break;
            case PickleOp.Mark: _marks.Add(_stack.Count); break;
            case PickleOp.Pop: PopOrMark(); break;
            case PickleOp.PopMark: PopToMark(); break;
            case PickleOp.Dup: Push(Peek()); break;
            case PickleOp.EmptyTuple: Push(Array.Empty<object?>()); break;
            case PickleOp.Tuple1: PushTuple(1); break;
            case PickleOp.Tuple2: PushTuple(2); break;
            case PickleOp.Tuple3: PushTuple(3); break;
            case PickleOp.Tuple: Push(PopToMark()); break;
            case PickleOp.EmptyList: Push(new List<object?>()); break;
            case PickleOp.List: Push(new List<object?>(PopToMark())); break;
            case PickleOp.Append: Append([Pop()]); break;
            case PickleOp.Appends: Append(PopToMark()); break;
            case PickleOp.EmptyDict: Push(new PickleDict()); break;
            case PickleOp.Dict: PushDict(PopToMark()); break;
            case PickleOp.SetItem: SetItem(); break;
            case PickleOp.SetItems: SetItems(PopToMark()); break;
            case PickleOp.BinPut: _memo[_input.ReadByte()] = Peek(); break;
            case PickleOp.LongBinPut: _memo[_input.ReadInt32()] = Peek(); break;
            case PickleOp.Memoize: _memo[_memo.Count] = Peek(); break;
            case PickleOp.BinGet: PushMemo(_input.ReadByte()); break;
            case PickleOp.LongBinGet: PushMemo(_input.ReadInt32()); break;
            case PickleOp.Frame: _input.ReadInt64(); break;
            case PickleOp.Global: PushGlobal(_input.ReadLine(), _input.ReadLine()); break;
            case PickleOp.StackGlobal: PushStackGlobal(); break;
            case PickleOp.Reduce: Reduce(); break;
            case PickleOp.Build: Build(); break;
            default: throw Wrong($"the pickle uses opcode 0x{op:x2}, which dict, list, tuple, text and numbers do not need; refused");
        }
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        if (_stack.Count == 0 || (_marks.Count > 0 && _marks[^1] == _stack.Count))
            throw Wrong("the pickle is damaged: its stack is empty");
        object? value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private T Pop<T>(string what) => Pop() is T value ? value : throw Wrong($"the pickle is damaged: {what} was expected");

    private object? Peek()
    {
        object? value = Pop();
        Push(value);
        return value;
    }

    private T Peek<T>(string what) => Peek() is T value ? value : throw Wrong($"the pickle is damaged: {what} was expected");

    private void PopOrMark()
    {
        if (_marks.Count > 0 && _marks[^1] == _stack.Count)
            _marks.RemoveAt(_marks.Count - 1);
        else
            Pop();
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0)
            throw Wrong("the pickle is damaged: a mark is missing");
        int mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        object?[] items = [.. _stack[mark..]];
        _stack.RemoveRange(mark, items.Length);
        return items;
    }

    private void PushTuple(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--)
            items[i] = Pop();
        Push(items);
    }

    private void Append(ReadOnlySpan<object?> items) => Peek<List<object?>>("a list").AddRange(items);

    private void PushDict(object?[] items)
    {
        Push(new PickleDict());
        SetItems(items);
    }

    private void SetItem()
    {
        object? value = Pop();
        SetItems([Pop(), value]);
    }

    private void SetItems(ReadOnlySpan<object?> items)
    {
        PickleDict dict = Peek<PickleDict>("a dict");
        if (items.Length % 2 != 0)
            throw Wrong("the pickle is damaged: a dict has a key without a value");
        for (int i = 0; i < items.Length; i += 2)
            dict.Add(items[i], items[i + 1]);
    }

    private void PushMemo(int index)
    {
        if (!_memo.TryGetValue(index, out object? value))
            throw Wrong("the pickle is damaged: a back reference leads nowhere");
        Push(value);
    }

    private void PushStackGlobal()
    {
        string name = Pop<string>("a name");
        PushGlobal(Pop<string>("a module"), name);
    }

    private void PushGlobal(string module, string name) => Push((module, name) switch
    {
        ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") => PickleGlobal.Reconstruct,
        ("numpy.core.multiarray" or "numpy._core.multiarray", "scalar") => PickleGlobal.Scalar,
        ("numpy", "ndarray") => PickleGlobal.NdArray,
        ("numpy", "dtype") => PickleGlobal.DType,
        ("_codecs", "encode") => PickleGlobal.Encode,
        _ => throw Wrong($"the pickle names {MessageText.OneLine(module, 60)}.{MessageText.OneLine(name, 60)}; "
            + "only dict, list, tuple, text, numbers and numpy scalars are read, and nothing is run"),
    });

    private byte[] Encode(string text)
    {
        Spend(text.Length);
        return System.Text.Encoding.Latin1.GetBytes(text);
    }

    private void Reduce()
    {
        object?[] arguments = Pop<object?[]>("a tuple of arguments");
        PickleGlobal global = Pop<PickleGlobal>("a numpy function");
        Push((global, arguments) switch
        {
            (PickleGlobal.Reconstruct, [PickleGlobal.NdArray, object?[], _]) => new PickleArray(),
            (PickleGlobal.DType, [string descr, ..]) => new PickleType(descr),
            (PickleGlobal.Scalar, [PickleType type, byte[] bytes]) => PickleScalar.Read(type, bytes)
                ?? throw Wrong($"a numpy scalar of dtype {MessageText.OneLine(type.Descr, 40)} is not read"),
            (PickleGlobal.Encode, [string text, "latin1" or "latin-1"]) => Encode(text),
            _ => throw Wrong($"the pickle calls {global} with arguments that numpy does not write; refused"),
        });
    }

    private void Build()
    {
        object?[] state = Pop<object?[]>("a tuple of state");
        switch (Peek<object>("a numpy object"))
        {
            case PickleType type when state is [long, string order, ..]:
                type.BigEndian = order == ">";
                break;
            case PickleArray array when state is [long, object?[], PickleType { Descr: "O8" or "O4" or "O" }, bool, List<object?> items]:
                Spend(items.Count);
                array.Items = [.. items];
                break;
            default:
                throw Wrong("the pickle sets the state of something else than an array of objects; refused");
        }
    }

    private InputException Wrong(string what) => new($"{where}: {what}");
}
