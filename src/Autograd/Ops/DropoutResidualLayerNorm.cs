using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// y = LayerNorm(residual + dropout(x))·γ + β, the end of a post-norm sub-layer. Backward: see
    /// <see cref="IOperations.DropoutResidualLayerNormBackward"/>.
    /// </summary>
    /// <param name="x">[R,C]: the sub-layer's output.</param>
    /// <param name="residual">[R,C]: its input.</param>
    /// <param name="gamma">1×C</param>
    /// <param name="beta">1×C; shared with another norm only together with <paramref name="gamma"/>.</param>
    /// <param name="dropout">Dropout probability.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[R,C]</returns>
    public Tensor DropoutResidualLayerNorm(Tensor x, Tensor residual, Tensor gamma, Tensor beta, float dropout, string name = "norm") =>
        Append(new DropoutResidualLayerNormNode(this, name, x, residual, gamma, beta, NextDropout(dropout)));
}

internal sealed class DropoutResidualLayerNormNode : Node
{
    private readonly Operand _x;
    private readonly Operand _residual;
    private readonly Operand _gamma;
    private readonly Operand _beta;
    private readonly Dropout _dropout;
    private readonly Tensor _sum;
    private readonly Tensor _mean;
    private readonly Tensor _rstd;

    public DropoutResidualLayerNormNode(Tape tape, string name, Tensor x, Tensor residual, Tensor gamma, Tensor beta, Dropout dropout)
        : base(tape, name)
    {
        RequireSame("x", x, "residual", residual);
        RequireVector("gamma", gamma, x.Columns);
        RequireVector("beta", beta, x.Columns);
        _x = Read(x);
        _residual = Read(residual);
        _gamma = Read(gamma);
        _beta = Read(beta);
        _dropout = dropout;
        Operands = [_x, _residual, _gamma, _beta];
        _sum = Save("sum", x.Rows, x.Columns);
        _mean = Save("mean", x.Rows, 1);
        _rstd = Save("rstd", x.Rows, 1);
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [_sum, _mean, _rstd];

    public override IEnumerable<Tensor> BackwardReads => [_sum, _gamma.Tensor, _mean, _rstd];

    public override (Operand From, Tensor To)? InPlaceValue => (_x, _sum);

    public override void CheckPlan() => RequireSharedFlag(_gamma, _beta);

    public override void Forward(IOperations operations) =>
        operations.DropoutResidualLayerNormForward(
            _x.Value, _residual.Value, _gamma.Value.Data, _beta.Value.Data, _sum.Value, Output.Value, _mean.Value.Data, _rstd.Value.Data, _dropout);

    public override void Backward(IOperations operations) =>
        operations.DropoutResidualLayerNormBackward(
            Output.Gradient, _sum.Value, _gamma.Value.Data, _mean.Value.Data, _rstd.Value.Data,
            _x.Gradient, _x.Accumulate, _residual.Gradient, _residual.Accumulate,
            _gamma.Gradient.Data, _beta.Gradient.Data, _gamma.Accumulate || _beta.Accumulate, _dropout);
}
