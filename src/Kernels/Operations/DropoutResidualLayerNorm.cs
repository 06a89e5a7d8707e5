using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>sum = residual + dropout(x); y = LayerNorm(sum)·γ + β: the end of every sub-layer of a post-norm transformer.</summary>
    /// <param name="x">[R,C], dense: the sub-layer's output, bias included.</param>
    /// <param name="residual">[R,C], dense.</param>
    /// <param name="gamma">C elements.</param>
    /// <param name="beta">C elements.</param>
    /// <param name="sum">[R,C], dense, written; may be the same elements as <paramref name="x"/>.</param>
    /// <param name="y">[R,C], dense, written.</param>
    /// <param name="mean">R elements, written.</param>
    /// <param name="rstd">R elements, written.</param>
    /// <param name="dropout">Element index r·C + c.</param>
    void DropoutResidualLayerNormForward(
        MatrixView x, MatrixView residual, View gamma, View beta, MatrixView sum, MatrixView y, View mean, View rstd, Dropout dropout);

    /// <summary>dSum as in <see cref="LayerNormBackward"/>; dResidual (+)= dSum; dX (+)= dSum·mask·scale; dGamma, dBeta as there.</summary>
    /// <param name="dY">[R,C], dense.</param>
    /// <param name="sum">[R,C], dense, from the forward call.</param>
    /// <param name="gamma">C elements.</param>
    /// <param name="mean">R elements.</param>
    /// <param name="rstd">R elements.</param>
    /// <param name="dX">[R,C], dense.</param>
    /// <param name="accumulateX">Adds to <paramref name="dX"/>.</param>
    /// <param name="dResidual">[R,C], dense.</param>
    /// <param name="accumulateResidual">Adds to <paramref name="dResidual"/>.</param>
    /// <param name="dGamma">C elements.</param>
    /// <param name="dBeta">C elements.</param>
    /// <param name="accumulateParameters">Adds to <paramref name="dGamma"/> and <paramref name="dBeta"/>.</param>
    /// <param name="dropout">As in the forward call.</param>
    void DropoutResidualLayerNormBackward(
        MatrixView dY, MatrixView sum, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulateX, MatrixView dResidual, bool accumulateResidual,
        View dGamma, View dBeta, bool accumulateParameters, Dropout dropout);
}
