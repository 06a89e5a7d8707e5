using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void TakeLastForward(MatrixView x, MatrixView y)
    {
        Matrix input = Read(x), output = Read(y);
        int length = x.Rows / y.Rows;
        for (int b = 0; b < y.Rows; b++)
        {
            for (int c = 0; c < y.Columns; c++)
                output[b, c] = input[b * length + length - 1, c];
        }
    }

    public void TakeLastBackward(MatrixView dY, MatrixView dX, bool accumulate)
    {
        Matrix dOutput = Read(dY), dInput = Read(dX);
        int length = dX.Rows / dY.Rows;
        for (int r = 0; r < dX.Rows; r++)
        {
            bool last = r % length == length - 1;
            for (int c = 0; c < dX.Columns; c++)
                Store(ref dInput[r, c], last ? dOutput[r / length, c] : 0, accumulate);
        }
    }
}
