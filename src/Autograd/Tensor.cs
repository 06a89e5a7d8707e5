using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd;

/// <summary>
/// A matrix on a tape: a leaf (input, constant or parameter) or the result of an operation. Vectors such as biases are 1×n.
/// Its memory exists after <see cref="Tape.Seal"/>; that of a parameter is its own from the start.
/// </summary>
public sealed class Tensor
{
    private MatrixView _value;
    private MatrixView _gradient;

    internal Tensor(Tape tape, string name, int rows, int columns, bool requiresGradient)
    {
        Tape = tape;
        Name = name;
        Rows = rows;
        Columns = columns;
        RequiresGradient = requiresGradient;
    }

    /// <summary>Name with scopes, e.g. <c>layers.2.self_attn.out_proj</c>.</summary>
    public string Name { get; }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    /// <summary>Number of elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>Whether a loss can depend on a parameter through this tensor, so that its gradient is computed.</summary>
    public bool RequiresGradient { get; }

    /// <summary>
    /// The elements. Unless this is an input, a parameter, an output or kept (<see cref="Tape.Keep"/>), the arena reuses the memory
    /// within a step.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tape is not sealed yet.</exception>
    public MatrixView Value => !_value.IsEmpty
        ? _value
        : throw new InvalidOperationException($"Tensor '{Name}' has no memory yet: seal the tape first.");

    /// <summary>∂loss/∂value after <see cref="Tape.Backward"/>; the caller writes that of an output before it.</summary>
    /// <exception cref="InvalidOperationException">No gradient flows to this tensor, or the tape is not sealed yet.</exception>
    public MatrixView Gradient => !_gradient.IsEmpty
        ? _gradient
        : throw new InvalidOperationException(
            $"Tensor '{Name}' has no gradient: no output or loss depends on it through a parameter, or the tape is not sealed yet.");

    internal Tape Tape { get; }

    /// <summary>Arena block of the value; null for parameters.</summary>
    internal Block? ValueBlock { get; set; }

    /// <summary>Arena block of the gradient; null for parameters and where no gradient flows.</summary>
    internal Block? GradientBlock { get; set; }

    /// <summary>The caller reads value and gradient after the replay.</summary>
    internal bool IsKept { get; set; }

    /// <summary>The caller writes the gradient before Backward.</summary>
    internal bool IsSeeded { get; set; }

    internal string Shape => $"'{Name}' {Rows}x{Columns}";

    internal void BindParameter(MatrixView parameterValue, MatrixView parameterGradient)
    {
        _value = parameterValue;
        _gradient = parameterGradient;
    }

    internal void Bind(Kernels.Devices.Buffer arena)
    {
        if (ValueBlock is not null)
            _value = ValueBlock.In(arena).AsMatrix(Rows, Columns);
        if (GradientBlock is not null)
            _gradient = GradientBlock.In(arena).AsMatrix(Rows, Columns);
    }
}
