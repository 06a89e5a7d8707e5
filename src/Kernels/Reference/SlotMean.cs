using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void SlotMean(MatrixView x, MatrixView y)
    {
        Matrix input = Read(x), output = Read(y);
        int length = x.Rows / y.Rows;
        for (int b = 0; b < y.Rows; b++)
        {
            for (int c = 0; c < y.Columns; c++)
            {
                double sum = 0;
                for (int t = 0; t < length; t++)
                    sum += input[b * length + t, c];
                output[b, c] = sum / length;
            }
        }
    }
}
