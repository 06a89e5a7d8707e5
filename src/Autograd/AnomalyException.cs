namespace P6bNative.Autograd;

/// <summary>Thrown in anomaly mode (<see cref="Tape.DetectAnomaly"/>) at the first operation that writes a NaN or an infinity.</summary>
public sealed class AnomalyException : Exception
{
    internal AnomalyException(Node node, bool backward, Tensor tensor, int row, int column, double value)
        : base($"{node}, {(backward ? "backward, gradient of" : "forward,")} '{tensor.Name}': element ({row},{column}) is {value}.")
    {
        NodeName = node.Name;
        Operation = node.Operation;
        IsBackward = backward;
        TensorName = tensor.Name;
        Row = row;
        Column = column;
        Value = value;
    }

    /// <summary>Name of the operation on the tape, with scopes.</summary>
    public string NodeName { get; }

    /// <summary>Kind of the operation, e.g. Linear.</summary>
    public string Operation { get; }

    /// <summary>Whether the backward wrote it, as the gradient of <see cref="TensorName"/>.</summary>
    public bool IsBackward { get; }

    /// <summary>The tensor written.</summary>
    public string TensorName { get; }

    /// <summary>Row of the first such element.</summary>
    public int Row { get; }

    /// <summary>Column of the first such element.</summary>
    public int Column { get; }

    /// <summary>NaN or an infinity.</summary>
    public double Value { get; }
}
