using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// y[b] = (m, w): the mean m of each sample's vectors, and their mixture w with the weights softmaxₜ(query[b]·key[b·T + t]/√d).
    /// </summary>
    /// <param name="query">[B,d]</param>
    /// <param name="key">[B·T,d]</param>
    /// <param name="value">[B·T,C]: data, without gradient.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B,2C]</returns>
    public Tensor SlotMixture(Tensor query, Tensor key, Tensor value, string name = "mixture") =>
        Append(new SlotMixtureNode(this, name, query, key, value));
}

internal sealed class SlotMixtureNode : Node
{
    private readonly Operand _query;
    private readonly Operand _key;
    private readonly Operand _value;
    private readonly Tensor _weights;

    public SlotMixtureNode(Tape tape, string name, Tensor query, Tensor key, Tensor value)
        : base(tape, name)
    {
        Require(key.Columns == query.Columns, $"key {key.Shape} must have as many columns as query {query.Shape}.");
        Require(key.Rows % query.Rows == 0, $"the rows of key {key.Shape} must be a multiple of those of query {query.Shape}.");
        Require(value.Rows == key.Rows, $"value {value.Shape} must have as many rows as key {key.Shape}.");
        Require(!value.RequiresGradient, $"value {value.Shape} is data: it must have no gradient.");
        _query = Read(query);
        _key = Read(key);
        _value = Read(value, skippable: true);
        Operands = [_query, _key, _value];
        _weights = Save("weights", query.Rows, key.Rows / query.Rows);
        Output = Result(query.Rows, 2 * value.Columns, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [_weights];

    public override IEnumerable<Tensor> BackwardReads => [_query.Tensor, _key.Tensor, _value.Tensor, _weights];

    public override void Forward(IOperations operations)
    {
        operations.SlotMean(_value.Value, Output.Value.SliceColumns(0, _value.Tensor.Columns));
        operations.SlotMixtureForward(_query.Value, _key.Value, _value.Value, _weights.Value, Mixture(Output.Value));
    }

    public override void Backward(IOperations operations) => operations.SlotMixtureBackward(
        Mixture(Output.Gradient), _query.Value, _key.Value, _value.Value, _weights.Value,
        _query.Gradient, _query.Accumulate, _key.Gradient, _key.Accumulate);

    private MatrixView Mixture(MatrixView both) => both.SliceColumns(_value.Tensor.Columns, _value.Tensor.Columns);
}
