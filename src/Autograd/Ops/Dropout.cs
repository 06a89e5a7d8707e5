using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y = x where an element is kept, scaled by 1/(1−p), else 0. Backward: dX = dY·mask·scale.</summary>
    /// <param name="x">[R,C]</param>
    /// <param name="probability">Dropout probability p.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[R,C]</returns>
    public Tensor Dropout(Tensor x, float probability, string name = "dropout") =>
        Append(new DropoutNode(this, name, x, NextDropout(probability)));
}

internal sealed class DropoutNode : Node
{
    private readonly Operand _x;
    private readonly Dropout _dropout;

    public DropoutNode(Tape tape, string name, Tensor x, Dropout dropout)
        : base(tape, name)
    {
        _x = Read(x);
        _dropout = dropout;
        Operands = [_x];
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [];

    public override (Operand From, Tensor To)? InPlaceValue => (_x, Output);

    public override Operand? InPlaceGradient => _x;

    public override void Forward(IOperations operations) => operations.DropoutForward(_x.Value, Output.Value, _dropout);

    public override void Backward(IOperations operations) => operations.DropoutBackward(Output.Gradient, _x.Gradient, _dropout, _x.Accumulate);
}
