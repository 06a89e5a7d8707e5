using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

public sealed partial class Tape
{
    /// <summary>
    /// Causal self-attention from packed projections: softmax(q·kᵀ/√dh)·v per sample and head, with dropout on the probabilities.
    /// </summary>
    /// <param name="queryKeyValue">[B·T,3d]: the columns of q, then k, then v.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="heads">Heads, dividing d.</param>
    /// <param name="dropout">Dropout probability.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B·T,d]</returns>
    public Tensor SelfAttention(Tensor queryKeyValue, int batch, int heads, float dropout, string name = "attention") =>
        Append(new AttentionNode(this, name, query: null, queryKeyValue, batch, heads, NextDropout(dropout)));

    /// <summary>
    /// Causal attention of queries to keys and values from elsewhere; query i of Tq stands at position Tk − Tq + i and sees the keys up to it.
    /// </summary>
    /// <param name="query">[B·Tq,d]</param>
    /// <param name="keyValue">[B·Tk,2d]: the columns of k, then v; Tk ≥ Tq.</param>
    /// <param name="batch">Samples B.</param>
    /// <param name="heads">Heads, dividing d.</param>
    /// <param name="dropout">Dropout probability.</param>
    /// <param name="name">Name under the current scope.</param>
    /// <returns>[B·Tq,d]</returns>
    public Tensor Attention(Tensor query, Tensor keyValue, int batch, int heads, float dropout, string name = "attention") =>
        Append(new AttentionNode(this, name, query, keyValue, batch, heads, NextDropout(dropout)));
}

internal sealed class AttentionNode : Node
{
    /// <summary>Null in self-attention, where the packed tensor begins with the query columns.</summary>
    private readonly Operand? _query;
    private readonly Operand _packed;
    private readonly int _width;
    private readonly AttentionShape _shape;
    private readonly Dropout _dropout;
    private readonly Tensor _probabilities;

    public AttentionNode(Tape tape, string name, Tensor? query, Tensor packed, int batch, int heads, Dropout dropout)
        : base(tape, name)
    {
        int parts = query is null ? 3 : 2;
        _width = packed.Columns / parts;
        Require(packed.Columns == parts * _width, $"{packed.Shape} packs {parts} projections: its columns must be a multiple of {parts}.");
        Require(heads >= 1 && _width % heads == 0, $"{heads} heads must divide the width {_width} of {packed.Shape}.");
        Require(batch >= 1 && packed.Rows % batch == 0, $"the rows of {packed.Shape} must be a multiple of the batch {batch}.");
        int keyLength = packed.Rows / batch;
        int queryLength = keyLength;
        if (query is not null)
        {
            queryLength = query.Rows / batch;
            Require(query.Columns == _width, $"query {query.Shape} must have half as many columns as keyValue {packed.Shape}.");
            Require(query.Rows % batch == 0, $"the rows of query {query.Shape} must be a multiple of the batch {batch}.");
            Require(queryLength <= keyLength, $"query {query.Shape} must not have more rows than keyValue {packed.Shape}.");
            _query = Read(query);
        }

        _packed = Read(packed);
        _dropout = dropout;
        _shape = new AttentionShape(batch, heads, queryLength, keyLength);
        Operands = _query is null ? [_packed] : [_query, _packed];
        _probabilities = Save("probabilities", batch * heads * queryLength, keyLength);
        Output = Result(batch * queryLength, _width, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [_probabilities];

    public override IEnumerable<Tensor> BackwardReads => Operands.Select(operand => operand.Tensor).Append(_probabilities);

    private bool AccumulateQuery => (_query ?? _packed).Accumulate;

    public override void Forward(IOperations operations) =>
        operations.AttentionForward(
            _shape, Query(_packed.Value, _query?.Value), Key(_packed.Value), Value(_packed.Value), Output.Value, _probabilities.Value.Data, _dropout);

    public override void Backward(IOperations operations) =>
        operations.AttentionBackward(
            _shape, Output.Gradient, Query(_packed.Value, _query?.Value), Key(_packed.Value), Value(_packed.Value), _probabilities.Value.Data,
            Query(_packed.Gradient, _query?.Gradient), AccumulateQuery, Key(_packed.Gradient), Value(_packed.Gradient), _packed.Accumulate, _dropout);

    private MatrixView Query(MatrixView fromPacked, MatrixView? own) => own ?? fromPacked.SliceColumns(0, _width);

    private MatrixView Key(MatrixView fromPacked) => fromPacked.SliceColumns(fromPacked.Columns - 2 * _width, _width);

    private MatrixView Value(MatrixView fromPacked) => fromPacked.SliceColumns(fromPacked.Columns - _width, _width);
}
