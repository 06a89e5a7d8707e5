using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y[b] = Σₜ x[b·T + t] / T: the mean of each sample's T vectors. Has no backward: it is taken of data.</summary>
    /// <param name="x">[B·T,C], any stride.</param>
    /// <param name="y">[B,C], any stride.</param>
    void SlotMean(MatrixView x, MatrixView y);
}
