using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y = dropout(max(x, 0)). Backward: dX = dY/(1−p) where y &gt; 0.</summary>
    /// <param name="x">[R,C]</param>
    /// <param name="dropout">Dropout probability.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[R,C]</returns>
    public Tensor ReluDropout(Tensor x, float dropout, string name = "relu") => Append(new ReluDropoutNode(this, name, x, NextDropout(dropout)));
}

internal sealed class ReluDropoutNode : Node
{
    private readonly Operand _x;
    private readonly Dropout _dropout;

    public ReluDropoutNode(Tape tape, string name, Tensor x, Dropout dropout)
        : base(tape, name)
    {
        _dropout = dropout;
        _x = Read(x);
        Operands = [_x];
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [Output];

    public override (Operand From, Tensor To)? InPlaceValue => (_x, Output);

    public override Operand? InPlaceGradient => _x;

    public override void Forward(IOperations operations) => operations.ReluDropoutForward(_x.Value, Output.Value, _dropout);

    public override void Backward(IOperations operations) =>
        operations.ReluDropoutBackward(Output.Gradient, Output.Value, _x.Gradient, _dropout, _x.Accumulate);
}
