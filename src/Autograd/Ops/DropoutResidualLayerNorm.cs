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
    private readonly Operand x;
    private readonly Operand residual;
    private readonly Operand gamma;
    private readonly Operand beta;
    private readonly Dropout dropout;
    private readonly Tensor sum;
    private readonly Tensor mean;
    private readonly Tensor rstd;

    public DropoutResidualLayerNormNode(Tape tape, string name, Tensor x, Tensor residual, Tensor gamma, Tensor beta, Dropout dropout)
        : base(tape, name)
    {
        RequireSame("x", x, "residual", residual);
        RequireVector("gamma", gamma, x.Columns);
        RequireVector("beta", beta, x.Columns);
        this.x = Read(x);
        this.residual = Read(residual);
        this.gamma = Read(gamma);
        this.beta = Read(beta);
        this.dropout = dropout;
        Operands = [this.x, this.residual, this.gamma, this.beta];
        sum = Save("sum", x.Rows, x.Columns);
        mean = Save("mean", x.Rows, 1);
        rstd = Save("rstd", x.Rows, 1);
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [sum, mean, rstd];

    public override IEnumerable<Tensor> BackwardReads => [sum, gamma.Tensor, mean, rstd];

    public override (Operand From, Tensor To)? InPlaceValue => (x, sum);

    public override void CheckPlan() => RequireSharedFlag(gamma, beta);

    public override void Forward(IOperations operations) =>
        operations.DropoutResidualLayerNormForward(
            x.Value, residual.Value, gamma.Value.Data, beta.Value.Data, sum.Value, Output.Value, mean.Value.Data, rstd.Value.Data, dropout);

    public override void Backward(IOperations operations) =>
        operations.DropoutResidualLayerNormBackward(
            Output.Gradient, sum.Value, gamma.Value.Data, mean.Value.Data, rstd.Value.Data,
            x.Gradient, x.Accumulate, residual.Gradient, residual.Accumulate,
            gamma.Gradient.Data, beta.Gradient.Data, gamma.Accumulate || beta.Accumulate, dropout);
}
