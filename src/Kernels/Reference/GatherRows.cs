using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void GatherRows(MatrixView x, View rows, MatrixView y)
    {
        Matrix input = Read(x), output = Read(y);
        Span<double> numbers = Read(rows);
        for (int r = 0; r < y.Rows; r++)
        {
            for (int c = 0; c < y.Columns; c++)
                output[r, c] = input[(int)numbers[r], c];
        }
    }
}
