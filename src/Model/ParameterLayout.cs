namespace P6bNative.Model;

/// <summary>One parameter inside the flat buffers.</summary>
/// <param name="Name">Name in PyTorch's state dict.</param>
/// <param name="Rows">Outputs of a weight; 1 for a vector.</param>
/// <param name="Columns">Inputs of a weight; length of a vector.</param>
/// <param name="IsVector">Whether the shape is [n] instead of [out,in].</param>
/// <param name="Offset">First element.</param>
public sealed record ParameterEntry(string Name, int Rows, int Columns, bool IsVector, long Offset)
{
    /// <summary>How it is drawn before training.</summary>
    internal StartingValues Start { get; init; }

    /// <summary>Offset of the parameter it starts as a copy of; its own where it is drawn for itself.</summary>
    internal long DrawnAt { get; init; } = Offset;

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

    /// <summary>Width of the table of positions that PyTorch keeps beside the parameters; null where the model has none.</summary>
    internal int? PositionWidth { get; init; }

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

    internal void AddWeight(string name, int rows, int columns, StartingValues start) => Add(name, rows, columns, isVector: false, start);

    internal void AddVector(string name, int length, StartingValues start) => Add(name, 1, length, isVector: true, start);

    /// <summary>nn.Linear.</summary>
    internal void AddLinear(string name, int outputs, int inputs)
    {
        StartingValues start = StartingValues.OfLinear(inputs);
        AddWeight($"{name}.weight", outputs, inputs, start);
        AddVector($"{name}.bias", outputs, start);
    }

    /// <summary>nn.LayerNorm.</summary>
    internal void AddNorm(string name, int length)
    {
        AddVector($"{name}.weight", length, StartingValues.One);
        AddVector($"{name}.bias", length, StartingValues.Zero);
    }

    /// <summary>One layer of nn.LSTM or nn.GRU.</summary>
    internal void AddRecurrent(string name, int layer, int gates, int inputs, int width)
    {
        StartingValues start = StartingValues.OfRecurrent(width);
        AddWeight(RecurrentName(name, "weight_ih", layer), gates * width, inputs, start);
        AddWeight(RecurrentName(name, "weight_hh", layer), gates * width, width, start);
        AddVector(RecurrentName(name, "bias_ih", layer), gates * width, start);
        AddVector(RecurrentName(name, "bias_hh", layer), gates * width, start);
    }

    /// <summary>PyTorch's name of a parameter of one layer of nn.LSTM or nn.GRU.</summary>
    internal static string RecurrentName(string name, string parameter, int layer) => $"{RecurrentPrefix(name, parameter)}{layer}";

    /// <summary>That name without the number of the layer.</summary>
    internal static string RecurrentPrefix(string name, string parameter) => $"{name}.{parameter}_l";

    /// <summary>A parameter of the shape of another that starts with the same numbers.</summary>
    internal void AddCopy(ParameterEntry original, string name) => Add(original with { Name = name, Offset = Length });

    private void Add(string name, int rows, int columns, bool isVector, StartingValues start) =>
        Add(new ParameterEntry(name, rows, columns, isVector, Length) { Start = start });

    private void Add(ParameterEntry entry)
    {
        _entries.Add(entry);
        _byName.Add(entry.Name, entry);
        Length += (entry.Length + Alignment - 1) / Alignment * Alignment;
    }
}
