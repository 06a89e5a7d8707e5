using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y[b] = x[b·T + T − 1]: the last position of each sample. Backward: dX is dY at those rows and 0 elsewhere.</summary>
    /// <param name="x">[B·T,C]</param>
    /// <param name="length">Positions per sample T.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B,C]</returns>
    public Tensor TakeLast(Tensor x, int length, string name = "last") => Append(new TakeLastNode(this, name, x, length));
}

internal sealed class TakeLastNode : Node
{
    private readonly Operand _x;

    public TakeLastNode(Tape tape, string name, Tensor x, int length)
        : base(tape, name)
    {
        Require(length >= 1 && x.Rows % length == 0, $"the rows of x {x.Shape} must be a multiple of the length {length}.");
        _x = Read(x);
        Operands = [_x];
        Output = Result(x.Rows / length, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [];

    public override void Forward(IOperations operations) => operations.TakeLastForward(_x.Value, Output.Value);

    public override void Backward(IOperations operations) => operations.TakeLastBackward(Output.Gradient, _x.Gradient, _x.Accumulate);
}
