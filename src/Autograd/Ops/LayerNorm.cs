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
    private readonly Operand _x;
    private readonly Operand _gamma;
    private readonly Operand _beta;
    private readonly Tensor _mean;
    private readonly Tensor _rstd;

    public LayerNormNode(Tape tape, string name, Tensor x, Tensor gamma, Tensor beta)
        : base(tape, name)
    {
        RequireVector("gamma", gamma, x.Columns);
        RequireVector("beta", beta, x.Columns);
        _x = Read(x);
        _gamma = Read(gamma);
        _beta = Read(beta);
        Operands = [_x, _gamma, _beta];
        _mean = Save("mean", x.Rows, 1);
        _rstd = Save("rstd", x.Rows, 1);
        Output = Result(x.Rows, x.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [_mean, _rstd];

    public override IEnumerable<Tensor> BackwardReads => [_x.Tensor, _gamma.Tensor, _mean, _rstd];

    public override void CheckPlan() => RequireSharedFlag(_gamma, _beta);

    public override void Forward(IOperations operations) =>
        operations.LayerNormForward(_x.Value, _gamma.Value.Data, _beta.Value.Data, Output.Value, _mean.Value.Data, _rstd.Value.Data);

    public override void Backward(IOperations operations) =>
        operations.LayerNormBackward(
            Output.Gradient, _x.Value, _gamma.Value.Data, _mean.Value.Data, _rstd.Value.Data,
            _x.Gradient, _x.Accumulate, _gamma.Gradient.Data, _beta.Gradient.Data, _gamma.Accumulate || _beta.Accumulate);
}
