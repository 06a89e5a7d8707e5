using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>Sizes of an attention of one query per sample to projected keys and values.</summary>
/// <param name="Batch">Samples B.</param>
/// <param name="Heads">Heads H; the width d of q, k, v is H·dh.</param>
/// <param name="KeyLength">Keys per sample T.</param>
public readonly record struct ProjectedAttentionShape(int Batch, int Heads, int KeyLength)
{
    /// <summary>Elements of the probabilities [B,H,T].</summary>
    public long Probabilities => Attention.Probabilities;

    /// <summary>The attention itself, behind the projections.</summary>
    internal AttentionShape Attention => new(Batch, Heads, 1, KeyLength);

    /// <summary>
    /// Elements of the workspace: keys, values and the gradients of both; or for each head an absorbed query, a mixed input, their gradient and
    /// two numbers.
    /// </summary>
    /// <param name="width">d, the width of query and output.</param>
    /// <param name="inputs">Columns of x.</param>
    public long Workspace(int width, int inputs) =>
        Math.Max(4L * Batch * KeyLength * width, (long)Batch * Heads * (3L * inputs + 2));
}

public partial interface IOperations
{
    /// <summary>
    /// Keys and values are projections of the same x: K = x·W_kᵀ + b_k, V = x·W_vᵀ + b_v; per sample and head
    /// P = softmax(q·Kᵀ/√dh) over all T keys; output = dropout(P)·V. With one query per sample a device may leave K and V out (see Host).
    /// </summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="query">[B,d], any stride.</param>
    /// <param name="x">[B·T,in], any stride.</param>
    /// <param name="weight">[2d,in], dense: W_k, then W_v.</param>
    /// <param name="bias">2d elements: b_k, then b_v.</param>
    /// <param name="output">[B,d], any stride.</param>
    /// <param name="probabilities">P before dropout [B,H,T], written.</param>
    /// <param name="workspace"><see cref="ProjectedAttentionShape.Workspace"/> elements, written for the backward call; each device has its own use of them.</param>
    /// <param name="dropout">Element index (b·H + h)·T + j.</param>
    void ProjectedAttentionForward(
        ProjectedAttentionShape shape, MatrixView query, MatrixView x, MatrixView weight, View bias, MatrixView output, View probabilities,
        View workspace, Dropout dropout);

    /// <summary>
    /// dQ, dK, dV as in <see cref="AttentionBackward"/>; dX (+)= dK·W_k + dV·W_v; dW_k (+)= dKᵀ·x; dW_v (+)= dVᵀ·x; dBias (+)= Σ rows of dK, of dV.
    /// The gradient of b_k is 0 but for rounding: softmax does not see what all scores share.
    /// </summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dOutput">[B,d]</param>
    /// <param name="query">As in the forward call.</param>
    /// <param name="x">As in the forward call.</param>
    /// <param name="weight">As in the forward call.</param>
    /// <param name="bias">As in the forward call.</param>
    /// <param name="probabilities">From the forward call.</param>
    /// <param name="workspace">From the forward call; may be written.</param>
    /// <param name="dQuery">[B,d]</param>
    /// <param name="accumulateQuery">Adds to <paramref name="dQuery"/>.</param>
    /// <param name="dX">[B·T,in]</param>
    /// <param name="accumulateX">Adds to <paramref name="dX"/>.</param>
    /// <param name="dWeight">[2d,in], dense.</param>
    /// <param name="accumulateWeight">Adds to <paramref name="dWeight"/>.</param>
    /// <param name="dBias">2d elements.</param>
    /// <param name="accumulateBias">Adds to <paramref name="dBias"/>.</param>
    /// <param name="dropout">As in the forward call.</param>
    void ProjectedAttentionBackward(
        ProjectedAttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView x, MatrixView weight, View bias, View probabilities,
        View workspace, MatrixView dQuery, bool accumulateQuery, MatrixView dX, bool accumulateX, MatrixView dWeight, bool accumulateWeight,
        View dBias, bool accumulateBias, Dropout dropout);
}

/// <summary>The operation from others, as its formula says: keys and values side by side in the workspace, then their gradients.</summary>
internal static class ComposedProjectedAttention
{
    public static void Forward(
        IOperations operations, ProjectedAttentionShape shape, MatrixView query, MatrixView x, MatrixView weight, View bias, MatrixView output,
        View probabilities, View workspace, Dropout dropout)
    {
        MatrixView keyValue = KeyValue(workspace, x.Rows, weight.Rows);
        operations.MatMul(MatMulForm.NT, x, weight, keyValue, bias, accumulate: false);
        operations.AttentionForward(
            shape.Attention, query, Key(keyValue), Value(keyValue), output, probabilities, dropout);
    }

    public static void Backward(
        IOperations operations, ProjectedAttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView x, MatrixView weight,
        View probabilities, View workspace, MatrixView dQuery, bool accumulateQuery, MatrixView dX, bool accumulateX, MatrixView dWeight,
        bool accumulateWeight, View dBias, bool accumulateBias, Dropout dropout)
    {
        MatrixView keyValue = KeyValue(workspace, x.Rows, weight.Rows);
        long length = keyValue.Data.Length;
        MatrixView dKeyValue = KeyValue(workspace.Slice(length, length), x.Rows, weight.Rows);
        operations.AttentionBackward(
            shape.Attention, dOutput, query, Key(keyValue), Value(keyValue), probabilities, dQuery, accumulateQuery, Key(dKeyValue),
            Value(dKeyValue), accumulateKeyValue: false, dropout);
        operations.MatMul(MatMulForm.NN, dKeyValue, weight, dX, bias: default, accumulateX);
        operations.LinearWeightGradient(dKeyValue, x, dWeight, accumulateWeight, dBias, accumulateBias);
    }

    private static MatrixView KeyValue(View workspace, int rows, int columns) => workspace.Slice(0, (long)rows * columns).AsMatrix(rows, columns);

    private static MatrixView Key(MatrixView keyValue) => keyValue.SliceColumns(0, keyValue.Columns / 2);

    private static MatrixView Value(MatrixView keyValue) => keyValue.SliceColumns(keyValue.Columns / 2, keyValue.Columns / 2);
}
