using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void PreviousStep(MatrixView x, int length, MatrixView y)
    {
        Matrix input = Read(x), output = Read(y);
        for (int r = 0; r < x.Rows; r++)
        {
            for (int c = 0; c < x.Columns; c++)
                output[r, c] = r % length == 0 ? 0 : input[r - 1, c];
        }
    }
}
