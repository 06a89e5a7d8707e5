using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>weights[b] = softmaxₜ(query[b]·key[b·T + t]/√d); output[b] = Σₜ weights[b,t]·value[b·T + t].</summary>
    /// <param name="query">[B,d], any stride.</param>
    /// <param name="key">[B·T,d], any stride.</param>
    /// <param name="value">[B·T,C], any stride.</param>
    /// <param name="weights">[B,T], dense, written.</param>
    /// <param name="output">[B,C], any stride, written.</param>
    void SlotMixtureForward(MatrixView query, MatrixView key, MatrixView value, MatrixView weights, MatrixView output);

    /// <summary>
    /// dw[t] = dOutput·value[t]; ds = weights∘(dw − Σₜ weights·dw)/√d; dQuery (+)= Σₜ ds[t]·key[t]; dKey[t] (+)= ds[t]·query, per sample.
    /// The values are data: they have no gradient.
    /// </summary>
    /// <param name="dOutput">[B,C], any stride.</param>
    /// <param name="query">As in the forward call.</param>
    /// <param name="key">As in the forward call.</param>
    /// <param name="value">As in the forward call.</param>
    /// <param name="weights">From the forward call.</param>
    /// <param name="dQuery">[B,d], any stride.</param>
    /// <param name="accumulateQuery">Adds to <paramref name="dQuery"/>.</param>
    /// <param name="dKey">[B·T,d], any stride.</param>
    /// <param name="accumulateKey">Adds to <paramref name="dKey"/>.</param>
    void SlotMixtureBackward(
        MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, MatrixView weights,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, bool accumulateKey);
}
