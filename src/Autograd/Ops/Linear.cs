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
    private readonly Operand _x;
    private readonly Operand _weight;
    private readonly Operand? _bias;

    public LinearNode(Tape tape, string name, Tensor x, Tensor weight, Tensor? bias)
        : base(tape, name)
    {
        Require(x.Columns == weight.Columns, $"x {x.Shape} must have as many columns as weight {weight.Shape} (out x in).");
        if (bias is not null)
            RequireVector("bias", bias, weight.Rows);
        _x = Read(x, skippable: true);
        _weight = Read(weight, skippable: true);
        _bias = bias is null ? null : Read(bias, skippable: true);
        Operands = _bias is null ? [_x, _weight] : [_x, _weight, _bias];
        Output = Result(x.Rows, weight.Rows, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IEnumerable<Tensor> BackwardReads
    {
        get
        {
            if (_x.IsWanted)
                yield return _weight.Tensor;
            if (_weight.IsWanted)
                yield return _x.Tensor;
        }
    }

    public override void Forward(IOperations operations) =>
        operations.MatMul(MatMulForm.NT, _x.Value, _weight.Value, Output.Value, _bias?.Value.Data ?? default, accumulate: false);

    public override void Backward(IOperations operations)
    {
        MatrixView dY = Output.Gradient;
        if (_x.IsWanted)
            operations.MatMul(MatMulForm.NN, dY, _weight.Value, _x.Gradient, bias: default, _x.Accumulate);
        ParameterBackward(operations, dY, _x.Value, _weight, _bias);
    }

    /// <summary>dW = dYᵀ·x and db = Σ rows of dY, those that are wanted.</summary>
    internal static void ParameterBackward(IOperations operations, MatrixView dY, MatrixView x, Operand weight, Operand? bias)
    {
        if (weight.IsWanted && bias is { IsWanted: true })
        {
            operations.LinearWeightGradient(dY, x, weight.Gradient, weight.Accumulate, bias.Gradient.Data, bias.Accumulate);
            return;
        }

        if (weight.IsWanted)
            operations.MatMul(MatMulForm.TN, dY, x, weight.Gradient, bias: default, weight.Accumulate);
        if (bias is { IsWanted: true })
            operations.ColumnSum(dY, bias.Gradient.Data, bias.Accumulate);
    }
}
