using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>dWeight (+)= dYᵀ·x and dBias (+)= Σᵣ dY[r]: the gradient of a linear layer's parameters, in one pass over dY where the device can.</summary>
    /// <param name="dY">[R,out]</param>
    /// <param name="x">[R,in]</param>
    /// <param name="dWeight">[out,in]</param>
    /// <param name="accumulateWeight">Adds to <paramref name="dWeight"/>.</param>
    /// <param name="dBias">out elements.</param>
    /// <param name="accumulateBias">Adds to <paramref name="dBias"/>.</param>
    void LinearWeightGradient(MatrixView dY, MatrixView x, MatrixView dWeight, bool accumulateWeight, View dBias, bool accumulateBias);
}
