using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y[b] = Σₜ x[b·T + t] / T: the mean of each sample's vectors.</summary>
    /// <param name="x">[B·T,C]: data, without gradient.</param>
    /// <param name="length">Vectors per sample T.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B,C]</returns>
    public Tensor SlotMean(Tensor x, int length, string name = "mean") => Append(new SlotMeanNode(this, name, x, length));
}

internal sealed class SlotMeanNode : Node
{
    private readonly Operand _x;

    public SlotMeanNode(Tape tape, string name, Tensor x, int length)
        : base(tape, name)
    {
        Require(length >= 1 && x.Rows % length == 0, $"the rows of x {x.Shape} must be a multiple of the length {length}.");
        Require(!x.RequiresGradient, $"x {x.Shape} is data: it must have no gradient.");
        _x = Read(x, skippable: true);
        Operands = [_x];
        Output = Result(x.Rows / length, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [];

    public override void Forward(IOperations operations) => operations.SlotMean(_x.Value, Output.Value);

    /// <summary>Nothing to do: the input is data.</summary>
    public override void Backward(IOperations operations)
    {
    }
}
