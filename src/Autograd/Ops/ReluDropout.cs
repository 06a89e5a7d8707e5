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
    private readonly Operand x;
    private readonly Dropout dropout;

    public ReluDropoutNode(Tape tape, string name, Tensor x, Dropout dropout)
        : base(tape, name)
    {
        this.dropout = dropout;
        this.x = Read(x);
        Operands = [this.x];
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [Output];

    public override (Operand From, Tensor To)? InPlaceValue => (x, Output);

    public override Operand? InPlaceGradient => x;

    public override void Forward(IOperations operations) => operations.ReluDropoutForward(x.Value, Output.Value, dropout);

    public override void Backward(IOperations operations) =>
        operations.ReluDropoutBackward(Output.Gradient, Output.Value, x.Gradient, dropout, x.Accumulate);
}
