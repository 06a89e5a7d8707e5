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
    private readonly Operand? query;
    private readonly Operand packed;
    private readonly int width;
    private readonly AttentionShape shape;
    private readonly Dropout dropout;
    private readonly Tensor probabilities;

    public AttentionNode(Tape tape, string name, Tensor? query, Tensor packed, int batch, int heads, Dropout dropout)
        : base(tape, name)
    {
        int parts = query is null ? 3 : 2;
        width = packed.Columns / parts;
        Require(packed.Columns == parts * width, $"{packed.Shape} packs {parts} projections: its columns must be a multiple of {parts}.");
        Require(heads >= 1 && width % heads == 0, $"{heads} heads must divide the width {width} of {packed.Shape}.");
        Require(batch >= 1 && packed.Rows % batch == 0, $"the rows of {packed.Shape} must be a multiple of the batch {batch}.");
        int keyLength = packed.Rows / batch;
        int queryLength = keyLength;
        if (query is not null)
        {
            queryLength = query.Rows / batch;
            Require(query.Columns == width, $"query {query.Shape} must have half as many columns as keyValue {packed.Shape}.");
            Require(query.Rows % batch == 0, $"the rows of query {query.Shape} must be a multiple of the batch {batch}.");
            Require(queryLength <= keyLength, $"query {query.Shape} must not have more rows than keyValue {packed.Shape}.");
            this.query = Read(query);
        }

        this.packed = Read(packed);
        this.dropout = dropout;
        shape = new AttentionShape(batch, heads, queryLength, keyLength);
        Operands = this.query is null ? [this.packed] : [this.query, this.packed];
        probabilities = Save("probabilities", batch * heads * queryLength, keyLength);
        Output = Result(batch * queryLength, width, Operands);
    }

    public override IReadOnlyList<Operand> Operands { get; }

    public override Tensor Output { get; }

    public override IReadOnlyList<Tensor> Saved => [probabilities];

    public override IEnumerable<Tensor> BackwardReads => Operands.Select(operand => operand.Tensor).Append(probabilities);

    private bool AccumulateQuery => (query ?? packed).Accumulate;

    public override void Forward(IOperations operations) =>
        operations.AttentionForward(
            shape, Query(packed.Value, query?.Value), Key(packed.Value), Value(packed.Value), Output.Value, probabilities.Value.Data, dropout);

    public override void Backward(IOperations operations) =>
        operations.AttentionBackward(
            shape, Output.Gradient, Query(packed.Value, query?.Value), Key(packed.Value), Value(packed.Value), probabilities.Value.Data,
            Query(packed.Gradient, query?.Gradient), AccumulateQuery, Key(packed.Gradient), Value(packed.Gradient), packed.Accumulate, dropout);

    private MatrixView Query(MatrixView fromPacked, MatrixView? own) => own ?? fromPacked.SliceColumns(0, width);

    private MatrixView Key(MatrixView fromPacked) => fromPacked.SliceColumns(fromPacked.Columns - 2 * width, width);

    private MatrixView Value(MatrixView fromPacked) => fromPacked.SliceColumns(fromPacked.Columns - width, width);
}
