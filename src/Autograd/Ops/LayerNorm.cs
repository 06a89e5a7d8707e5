using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>y = (x − mean)·rstd·γ + β per row. Backward: see <see cref="IOperations.LayerNormBackward"/>.</summary>
    /// <param name="x">[R,C]</param>
    /// <param name="gamma">1×C</param>
    /// <param name="beta">1×C; shared with another norm only together with <paramref name="gamma"/>.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[R,C]</returns>
    public Tensor LayerNorm(Tensor x, Tensor gamma, Tensor beta, string name = "norm") => Append(new LayerNormNode(this, name, x, gamma, beta));
}

internal sealed class LayerNormNode : Node
{
    private readonly Operand x;
    private readonly Operand gamma;
    private readonly Operand beta;
    private readonly Tensor mean;
    private readonly Tensor rstd;

    public LayerNormNode(Tape tape, string name, Tensor x, Tensor gamma, Tensor beta)
        : base(tape, name)
    {
        RequireVector("gamma", gamma, x.Columns);
        RequireVector("beta", beta, x.Columns);
        this.x = Read(x);
        this.gamma = Read(gamma);
        this.beta = Read(beta);
        Operands = [this.x, this.gamma, this.beta];
        mean = Save("mean", x.Rows, 1);
        rstd = Save("rstd", x.Rows, 1);
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [mean, rstd];

    public override IEnumerable<Tensor> BackwardReads => [x.Tensor, gamma.Tensor, mean, rstd];

    public override void CheckPlan() => RequireSharedFlag(gamma, beta);

    public override void Forward(IOperations operations) =>
        operations.LayerNormForward(x.Value, gamma.Value.Data, beta.Value.Data, Output.Value, mean.Value.Data, rstd.Value.Data);

    public override void Backward(IOperations operations) =>
        operations.LayerNormBackward(
            Output.Gradient, x.Value, gamma.Value.Data, mean.Value.Data, rstd.Value.Data,
            x.Gradient, x.Accumulate, gamma.Gradient.Data, beta.Gradient.Data, gamma.Accumulate || beta.Accumulate);
}
