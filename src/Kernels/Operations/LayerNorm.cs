using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>Constants of <see cref="IOperations.LayerNormForward"/> and its fused form.</summary>
public static class LayerNorm
{
    /// <summary>ε added to the variance (PyTorch's default).</summary>
    public const double Epsilon = 1e-5;
}

public partial interface IOperations
{
    /// <summary>y = (x − mean)·rstd·γ + β per row; mean and rstd = 1/√(var + 1e-5), biased variance (Ba, Kiros and Hinton 2016).</summary>
    /// <param name="x">[R,C], dense.</param>
    /// <param name="gamma">C elements.</param>
    /// <param name="beta">C elements.</param>
    /// <param name="y">[R,C], dense.</param>
    /// <param name="mean">R elements, written.</param>
    /// <param name="rstd">R elements, written.</param>
    void LayerNormForward(MatrixView x, View gamma, View beta, MatrixView y, View mean, View rstd);

    /// <summary>
    /// With x̂ = (x − mean)·rstd and g = dY·γ: dX (+)= rstd·(g − mean(g) − x̂·mean(g·x̂)); dGamma (+)= Σᵣ dY·x̂; dBeta (+)= Σᵣ dY.
    /// </summary>
    /// <param name="dY">[R,C], dense.</param>
    /// <param name="x">[R,C], dense.</param>
    /// <param name="gamma">C elements.</param>
    /// <param name="mean">R elements.</param>
    /// <param name="rstd">R elements.</param>
    /// <param name="dX">[R,C], dense.</param>
    /// <param name="accumulate">Adds to <paramref name="dX"/>.</param>
    /// <param name="dGamma">C elements.</param>
    /// <param name="dBeta">C elements.</param>
    /// <param name="accumulateParameters">Adds to <paramref name="dGamma"/> and <paramref name="dBeta"/>.</param>
    void LayerNormBackward(
        MatrixView dY, MatrixView x, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulate, View dGamma, View dBeta, bool accumulateParameters);
}
