using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y[b·T + t] = x[b·T + t − 1], 0 for t = 0: the state from which each step of a recurrent layer starts.</summary>
    /// <param name="x">[B·T,C], dense.</param>
    /// <param name="length">Steps per sample T.</param>
    /// <param name="y">[B·T,C], dense.</param>
    void PreviousStep(MatrixView x, int length, MatrixView y);
}
