using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y = x·Φ(x), the exact GELU. Backward: dX = dY·(Φ(x) + x·φ(x)).</summary>
    /// <param name="x">[R,C]</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[R,C]</returns>
    public Tensor Gelu(Tensor x, string name = "gelu") => Append(new GeluNode(this, name, x));
}

internal sealed class GeluNode : Node
{
    private readonly Operand _x;

    public GeluNode(Tape tape, string name, Tensor x)
        : base(tape, name)
    {
        _x = Read(x);
        Operands = [_x];
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads => [_x.Tensor];

    public override void Forward(IOperations operations) => operations.GeluForward(_x.Value, Output.Value);

    public override void Backward(IOperations operations) => operations.GeluBackward(Output.Gradient, _x.Value, _x.Gradient, _x.Accumulate);
}
