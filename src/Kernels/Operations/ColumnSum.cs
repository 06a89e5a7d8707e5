using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>sum[c] (+)= Σᵣ x[r,c]: the gradient of a bias.</summary>
    /// <param name="x">[R,C]</param>
    /// <param name="sum">C elements.</param>
    /// <param name="accumulate">Adds to <paramref name="sum"/>.</param>
    void ColumnSum(MatrixView x, View sum, bool accumulate);
}
