using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

/// <summary>Matrices of one shape, one for each head.</summary>
/// <param name="First">The first head's.</param>
/// <param name="Count">Number of heads.</param>
/// <param name="Step">Elements from a head's matrix to the next head's.</param>
internal readonly record struct HeadMatrices(MatrixView First, int Count, long Step);

/// <summary>The parts of a workspace in which an attention of one query per sample is computed on x itself; one row for each sample and head.</summary>
internal readonly struct AbsorbedHeads
{
    private readonly int _heads;

    /// <param name="shape">Sizes.</param>
    /// <param name="columns">d, the columns of the query.</param>
    /// <param name="inputs">Columns of x.</param>
    /// <param name="workspace">At least <see cref="ProjectedAttentionShape.Workspace"/> elements.</param>
    public AbsorbedHeads(ProjectedAttentionShape shape, int columns, int inputs, View workspace)
    {
        _heads = shape.Heads;
        int rows = shape.Batch * shape.Heads;
        long length = (long)rows * inputs;
        Width = columns / shape.Heads;
        Attention = new AttentionShape(shape.Batch, Heads: 1, QueryLength: shape.Heads, shape.KeyLength);
        Absorbed = workspace.Slice(0, length).AsMatrix(rows, inputs);
        Mixed = workspace.Slice(length, length).AsMatrix(rows, inputs);
        Gradient = workspace.Slice(2 * length, length).AsMatrix(rows, inputs);
        Mass = workspace.Slice(3 * length, rows);
        DMass = workspace.Slice(3 * length + rows, rows);
    }

    /// <summary>dh</summary>
    public int Width { get; }

    /// <summary>The heads of a sample as the queries of one head, which all see the whole of x.</summary>
    public AttentionShape Attention { get; }

    /// <summary>u [B·H,in]</summary>
    public MatrixView Absorbed { get; }

    /// <summary>m [B·H,in]</summary>
    public MatrixView Mixed { get; }

    /// <summary>dm; then, where that is no longer read, du [B·H,in].</summary>
    public MatrixView Gradient { get; }

    /// <summary>Sum of each head's dropout(P) [B·H].</summary>
    public View Mass { get; }

    /// <summary>Gradient of <see cref="Mass"/>.</summary>
    public View DMass { get; }

    /// <summary>Each head's rows of one of the matrices above: [B,in].</summary>
    public HeadMatrices RowsOf(MatrixView perHead) =>
        new(new MatrixView(perHead.Data, perHead.Rows / _heads, perHead.Columns, _heads * perHead.Columns), _heads, perHead.Columns);

    /// <summary>Each head's columns of query or output: [B,dh].</summary>
    public HeadMatrices PartOf(MatrixView rows) => new(rows.SliceColumns(0, Width), _heads, Width);

    /// <summary>Each head's rows of W_k: [dh,in].</summary>
    public HeadMatrices KeyWeightOf(MatrixView weight) => new(weight.SliceRows(0, Width), _heads, (long)Width * weight.Stride);

    /// <summary>Each head's rows of W_v: [dh,in].</summary>
    public HeadMatrices ValueWeightOf(MatrixView weight) => new(weight.SliceRows(_heads * Width, Width), _heads, (long)Width * weight.Stride);
}
