namespace P6bNative.Trainer.Data;

/// <summary>A pickled dict: few entries, so a list of them.</summary>
internal sealed class PickleDict
{
    private readonly List<KeyValuePair<object?, object?>> _entries = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Entries => _entries;

    public void Add(object? key, object? value) => _entries.Add(new(key, value));

    /// <summary>The value of a text key; of equal keys the last one counts, as in Python.</summary>
    public bool TryGet(string key, out object? value)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].Key is string name && name == key)
            {
                value = _entries[i].Value;
                return true;
            }
        }
        value = null;
        return false;
    }
}

/// <summary>A pickled dtype, e.g. of a numpy scalar.</summary>
internal sealed class PickleType(string descr)
{
    public string Descr { get; } = descr;

    public bool BigEndian { get; set; }
}

/// <summary>A pickled numpy array of objects; filled by the BUILD that follows its construction.</summary>
internal sealed class PickleArray
{
    public object?[]? Items { get; set; }
}

/// <summary>The functions and classes a pickle may name; everything else is refused.</summary>
internal enum PickleGlobal
{
    Reconstruct,
    Scalar,
    NdArray,
    DType,
    Encode,
}
