using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y = x·Wᵀ + b. Backward: dX = dY·W, dW = dYᵀ·x, db = Σ rows of dY.</summary>
    /// <param name="x">[R,in]</param>
    /// <param name="weight">[out,in], as PyTorch stores it.</param>
    /// <param name="bias">1×out, or null for none.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[R,out]</returns>
    public Tensor Linear(Tensor x, Tensor weight, Tensor? bias, string name = "linear") => Append(new LinearNode(this, name, x, weight, bias));
}

internal sealed class LinearNode : Node
{
    private readonly Operand x;
    private readonly Operand weight;
    private readonly Operand? bias;

    public LinearNode(Tape tape, string name, Tensor x, Tensor weight, Tensor? bias)
        : base(tape, name)
    {
        Require(x.Columns == weight.Columns, $"x {x.Shape} must have as many columns as weight {weight.Shape} (out x in).");
        if (bias is not null)
            RequireVector("bias", bias, weight.Rows);
        this.x = Read(x, skippable: true);
        this.weight = Read(weight, skippable: true);
        this.bias = bias is null ? null : Read(bias, skippable: true);
        Operands = this.bias is null ? [this.x, this.weight] : [this.x, this.weight, this.bias];
        Output = Result(x.Rows, weight.Rows, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads
    {
        get
        {
            if (x.IsWanted)
                yield return weight.Tensor;
            if (weight.IsWanted)
                yield return x.Tensor;
        }
    }

    public override void Forward(IOperations operations) =>
        operations.MatMul(MatMulForm.NT, x.Value, weight.Value, Output.Value, bias?.Value.Data ?? default, accumulate: false);

    public override void Backward(IOperations operations)
    {
        MatrixView dY = Output.Gradient;
        if (x.IsWanted)
            operations.MatMul(MatMulForm.NN, dY, weight.Value, x.Gradient, bias: default, x.Accumulate);
        if (weight.IsWanted)
            operations.MatMul(MatMulForm.TN, dY, x.Value, weight.Gradient, bias: default, weight.Accumulate);
        if (bias is { IsWanted: true })
            operations.ColumnSum(dY, bias.Gradient.Data, bias.Accumulate);
    }
}
