using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Attention of one query per sample to keys and values that are projections of x: softmax(q·Kᵀ/√dh)·V per sample and head with
    /// K = x·W_kᵀ + b_k and V = x·W_vᵀ + b_v, and dropout on the probabilities. The same as a <see cref="Linear"/> to keys and values and
    /// <see cref="Attention"/>, but a device may leave keys and values out.
    /// </summary>
    /// <param name="query">[B,d]</param>
    /// <param name="x">[B·T,in]</param>
    /// <param name="weight">[2d,in]: the rows of W_k, then of W_v.</param>
    /// <param name="bias">1×2d: b_k, then b_v.</param>
    /// <param name="heads">Heads, dividing d.</param>
    /// <param name="dropout">Dropout probability.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B,d]</returns>
    public Tensor ProjectedAttention(
        Tensor query, Tensor x, Tensor weight, Tensor bias, int heads, float dropout, string name = "attention") =>
        Append(new ProjectedAttentionNode(this, name, query, x, weight, bias, heads, NextDropout(dropout)));
}

internal sealed class ProjectedAttentionNode : Node
{
    private readonly Operand _query;
    private readonly Operand _x;
    private readonly Operand _weight;
    private readonly Operand _bias;
    private readonly ProjectedAttentionShape _shape;
    private readonly Dropout _dropout;
    private readonly Tensor _probabilities;

    public ProjectedAttentionNode(
        Tape tape, string name, Tensor query, Tensor x, Tensor weight, Tensor bias, int heads, Dropout dropout)
        : base(tape, name)
    {
        (int batch, int width) = (query.Rows, query.Columns);
        Require(heads >= 1 && width % heads == 0, $"{heads} heads must divide the width of query {query.Shape}.");
        Require(x.Rows % batch == 0, $"the rows of x {x.Shape} must be a multiple of those of query {query.Shape}.");
        Require(
            weight.Rows == 2 * width && weight.Columns == x.Columns,
            $"weight {weight.Shape} must be {2 * width}x{x.Columns}: twice the columns of query {query.Shape}, the columns of x {x.Shape}.");
        RequireVector("bias", bias, 2 * width);
        (_query, _x, _weight, _bias) = (Read(query), Read(x), Read(weight), Read(bias));
        Operands = [_query, _x, _weight, _bias];
        _dropout = dropout;
        _shape = new ProjectedAttentionShape(batch, heads, x.Rows / batch);
        _probabilities = Save("probabilities", batch * heads, _shape.KeyLength);
        Workspace = Save("workspace", 1, checked((int)_shape.Workspace(width, x.Columns)));
        Output = Result(batch, width, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [_probabilities];

    public override Tensor Workspace { get; }

    public override IEnumerable<Tensor> BackwardReads => Operands.Select(operand => operand.Tensor).Append(_probabilities).Append(Workspace);

    public override void Forward(IOperations operations) =>
        operations.ProjectedAttentionForward(
            _shape, _query.Value, _x.Value, _weight.Value, _bias.Value.Data, Output.Value, _probabilities.Value.Data, Workspace.Value.Data, _dropout);

    public override void Backward(IOperations operations) =>
        operations.ProjectedAttentionBackward(
            _shape, Output.Gradient, _query.Value, _x.Value, _weight.Value, _bias.Value.Data, _probabilities.Value.Data, Workspace.Value.Data,
            _query.Gradient, _query.Accumulate, _x.Gradient, _x.Accumulate, _weight.Gradient, _weight.Accumulate,
            _bias.Gradient.Data, _bias.Accumulate, _dropout);
}
