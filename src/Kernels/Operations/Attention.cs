using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>
/// Sizes of a causal attention. Query i stands at position KeyLength − QueryLength + i and sees keys 0 .. that position:
/// QueryLength = KeyLength is the usual square mask, QueryLength = 1 is the last position alone.
/// </summary>
/// <param name="Batch">Samples B.</param>
/// <param name="Heads">Heads H; the width of q, k, v is H·dh.</param>
/// <param name="QueryLength">Queries per sample Tq, at most <paramref name="KeyLength"/>.</param>
/// <param name="KeyLength">Keys per sample Tk.</param>
public readonly record struct AttentionShape(int Batch, int Heads, int QueryLength, int KeyLength)
{
    /// <summary>Elements of the probabilities [B,H,Tq,Tk].</summary>
    public long Probabilities => (long)Batch * Heads * QueryLength * KeyLength;

    /// <summary>Number of keys that query <paramref name="i"/> sees.</summary>
    public int Visible(int i) => KeyLength - QueryLength + i + 1;
}

public partial interface IOperations
{
    /// <summary>
    /// Per sample and head: P = softmax(q·kᵀ/√dh, causal); output = dropout(P)·v (Vaswani et al. 2017).
    /// </summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="query">[B·Tq, H·dh], any stride.</param>
    /// <param name="key">[B·Tk, H·dh], any stride.</param>
    /// <param name="value">[B·Tk, H·dh], any stride.</param>
    /// <param name="output">[B·Tq, H·dh], any stride.</param>
    /// <param name="probabilities">P before dropout [B,H,Tq,Tk], written; 0 where masked.</param>
    /// <param name="dropout">Element index ((b·H + h)·Tq + i)·Tk + j.</param>
    void AttentionForward(
        AttentionShape shape, MatrixView query, MatrixView key, MatrixView value, MatrixView output, View probabilities, Dropout dropout);

    /// <summary>
    /// With Pd = dropout(P): dV (+)= Pdᵀ·dOutput; dP = (dOutput·vᵀ)·mask·scale; dS = P∘(dP − Σⱼ P·dP); dQ (+)= dS·k/√dh; dK (+)= dSᵀ·q/√dh.
    /// </summary>
    /// <param name="shape">Sizes.</param>
    /// <param name="dOutput">[B·Tq, H·dh]</param>
    /// <param name="query">As in the forward call.</param>
    /// <param name="key">As in the forward call.</param>
    /// <param name="value">As in the forward call.</param>
    /// <param name="probabilities">From the forward call.</param>
    /// <param name="dQuery">[B·Tq, H·dh]</param>
    /// <param name="accumulateQuery">Adds to <paramref name="dQuery"/>.</param>
    /// <param name="dKey">[B·Tk, H·dh]</param>
    /// <param name="dValue">[B·Tk, H·dh]</param>
    /// <param name="accumulateKeyValue">Adds to <paramref name="dKey"/> and <paramref name="dValue"/>.</param>
    /// <param name="dropout">As in the forward call.</param>
    void AttentionBackward(
        AttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, View probabilities,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, MatrixView dValue, bool accumulateKeyValue, Dropout dropout);
}
