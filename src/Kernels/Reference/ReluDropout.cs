using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void ReluDropoutForward(MatrixView x, MatrixView y, Dropout dropout)
    {
        Matrix input = Read(x), output = Read(y);
        ulong key = dropout.StepKey;
        for (int r = 0; r < x.Rows; r++)
        {
            for (int c = 0; c < x.Columns; c++)
                output[r, c] = Math.Max(input[r, c], 0) * Factor(dropout, key, (long)r * x.Columns + c);
        }
    }

    public void ReluDropoutBackward(MatrixView dY, MatrixView y, MatrixView dX, Dropout dropout, bool accumulate)
    {
        Matrix dOutput = Read(dY), output = Read(y), dInput = Read(dX);
        for (int r = 0; r < y.Rows; r++)
        {
            for (int c = 0; c < y.Columns; c++)
                Store(ref dInput[r, c], output[r, c] > 0 ? dOutput[r, c] * dropout.Scale : 0, accumulate);
        }
    }
}
