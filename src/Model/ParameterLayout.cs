namespace P6bNative.Model;

/// <summary>One parameter inside the flat buffers.</summary>
/// <param name="Name">Name in PyTorch's state dict.</param>
/// <param name="Rows">Outputs of a weight; 1 for a vector.</param>
/// <param name="Columns">Inputs of a weight; length of a vector.</param>
/// <param name="IsVector">Whether the shape is [n] instead of [out,in].</param>
/// <param name="Offset">First element.</param>
public sealed record ParameterEntry(string Name, int Rows, int Columns, bool IsVector, long Offset)
{
    /// <summary>Number of elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Shape as PyTorch writes it: [n] or [out,in].</summary>
    public IReadOnlyList<long> Shape => IsVector ? [Columns] : [Rows, Columns];
}

/// <summary>Names, shapes and places of all parameters in a flat buffer. Each starts at a multiple of 16 elements; the gaps stay zero.</summary>
public sealed class ParameterLayout
{
    private const long Alignment = 16;
    private readonly List<ParameterEntry> _entries = [];
    private readonly Dictionary<string, ParameterEntry> _byName = [];

    internal ParameterLayout()
    {
    }

    /// <summary>The parameters in the order of their offsets.</summary>
    public IReadOnlyList<ParameterEntry> Entries => _entries;

    /// <summary>Elements of a flat buffer, gaps included.</summary>
    public long Length { get; private set; }

    /// <summary>Number of trained numbers, without gaps.</summary>
    public long ParameterCount => _entries.Sum(entry => entry.Length);

    /// <summary>The parameter of this name.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public ParameterEntry this[string name] =>
        _byName.TryGetValue(name, out ParameterEntry? entry) ? entry : throw new ModelException($"The model has no parameter '{name}'.");

    /// <summary>Whether there is a parameter of this name.</summary>
    public bool Contains(string name) => _byName.ContainsKey(name);

    internal void AddWeight(string name, int rows, int columns) => Add(name, rows, columns, isVector: false);

    internal void AddVector(string name, int length) => Add(name, 1, length, isVector: true);

    private void Add(string name, int rows, int columns, bool isVector)
    {
        var entry = new ParameterEntry(name, rows, columns, isVector, Length);
        _entries.Add(entry);
        _byName.Add(name, entry);
        Length += (entry.Length + Alignment - 1) / Alignment * Alignment;
    }
}
