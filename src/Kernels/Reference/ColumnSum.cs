using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void ColumnSum(MatrixView x, View sum, bool accumulate)
    {
        Matrix input = Read(x);
        Span<double> total = Read(sum);
        for (int c = 0; c < x.Columns; c++)
        {
            double column = 0;
            for (int r = 0; r < x.Rows; r++)
                column += input[r, c];
            Store(ref total[c], column, accumulate);
        }
    }
}
