using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

/// <summary>One recorded operation: what it reads and writes, its forward and its backward.</summary>
internal abstract class Node
{
    protected Node(Tape tape, string name)
    {
        Tape = tape;
        Name = tape.Qualify(name);
    }

    /// <summary>Name with scopes, e.g. <c>layers.2.self_attn.out_proj</c>.</summary>
    public string Name { get; }

    /// <summary>Name of the operation: the class name without its suffix.</summary>
    public string Operation => GetType().Name[..^"Node".Length];

    /// <summary>The inputs, in the order in which <see cref="Backward"/> writes their gradients.</summary>
    public abstract IReadOnlyList<Operand> Operands { get; }

    /// <summary>The result.</summary>
    public abstract Tensor Output { get; }

    /// <summary>Further tensors that <see cref="Forward"/> writes for <see cref="Backward"/>, e.g. the mean of LayerNorm.</summary>
    public virtual IReadOnlyList<Tensor> Saved => [];

    /// <summary>Memory from <see cref="Forward"/> to <see cref="Backward"/> whose contents only the device knows; null for none.</summary>
    public virtual Tensor? Workspace => null;

    /// <summary>Everything that <see cref="Forward"/> writes.</summary>
    public IEnumerable<Tensor> Written => Workspace is null ? [.. Saved, Output] : [.. Saved, Workspace, Output];

    /// <summary>Tensors whose values <see cref="Backward"/> reads.</summary>
    public abstract IEnumerable<Tensor> BackwardReads { get; }

    /// <summary>True for a loss: its backward starts the gradient instead of passing one on.</summary>
    public virtual bool StartsGradient => false;

    /// <summary>A written tensor that may take the memory of an input whose last use is this forward.</summary>
    public virtual (Operand From, Tensor To)? InPlaceValue => null;

    /// <summary>An input whose gradient may take the memory of the output's gradient.</summary>
    public virtual Operand? InPlaceGradient => null;

    protected Tape Tape { get; }

    public abstract void Forward(IOperations operations);

    public abstract void Backward(IOperations operations);

    /// <summary>Called when the accumulate flags are known.</summary>
    public virtual void CheckPlan()
    {
    }

    public override string ToString() => $"{Name} ({Operation})";

    protected Operand Read(Tensor tensor, bool skippable = false)
    {
        if (tensor.Tape != Tape)
            throw new ArgumentException($"{this}: tensor '{tensor.Name}' belongs to another tape.");
        return new Operand(tensor, skippable);
    }

    /// <summary>The result tensor, named as the node.</summary>
    protected Tensor Result(int rows, int columns, params IEnumerable<Operand> dependsOn) =>
        new(Tape, Name, rows, columns, dependsOn.Any(operand => operand.IsWanted));

    /// <summary>A tensor kept for the backward, outside the graph.</summary>
    protected Tensor Save(string name, int rows, int columns) => new(Tape, $"{Name}.{name}", rows, columns, requiresGradient: false);

    /// <summary>Refuses wrong shapes with a message that says what would be right.</summary>
    protected void Require(bool condition, string message)
    {
        if (!condition)
            throw new ShapeException($"{this}: {message}");
    }

    protected void RequireVector(string role, Tensor tensor, int length) =>
        Require(tensor.Rows == 1 && tensor.Columns == length, $"{role} {tensor.Shape} must be 1x{length}.");

    protected void RequireSame(string role, Tensor tensor, string otherRole, Tensor other) =>
        Require(
            tensor.Rows == other.Rows && tensor.Columns == other.Columns,
            $"{role} {tensor.Shape} and {otherRole} {other.Shape} must have the same shape.");

    /// <summary>For operations with one accumulate flag for two gradients: both must be first writers, or neither.</summary>
    protected void RequireSharedFlag(Operand a, Operand b)
    {
        if (a.IsWanted && b.IsWanted && a.Accumulate != b.Accumulate)
        {
            throw new InvalidOperationException(
                $"{this}: '{a.Tensor.Name}' and '{b.Tensor.Name}' must be shared with other operations together or not at all.");
        }
    }
}
