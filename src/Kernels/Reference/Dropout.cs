using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void DropoutForward(MatrixView x, MatrixView y, Dropout dropout) => DropoutBackward(x, y, dropout, accumulate: false);

    public void DropoutBackward(MatrixView dY, MatrixView dX, Dropout dropout, bool accumulate)
    {
        Span<double> dOutput = Read(dY.Data), dInput = Read(dX.Data);
        ulong stepKey = dropout.StepKey;
        for (int i = 0; i < dOutput.Length; i++)
            Store(ref dInput[i], dOutput[i] * Factor(dropout, stepKey, i), accumulate);
    }
}
