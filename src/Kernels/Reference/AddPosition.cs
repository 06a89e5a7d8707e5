using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void AddPositionForward(MatrixView x, MatrixView table, MatrixView y)
    {
        Matrix input = Read(x), position = Read(table), output = Read(y);
        for (int r = 0; r < x.Rows; r++)
        {
            for (int c = 0; c < x.Columns; c++)
                output[r, c] = input[r, c] + position[r % table.Rows, c];
        }
    }

    public void AddPositionBackward(MatrixView dY, MatrixView dX, bool accumulate)
    {
        Matrix dOutput = Read(dY), dInput = Read(dX);
        for (int r = 0; r < dY.Rows; r++)
        {
            for (int c = 0; c < dY.Columns; c++)
                Store(ref dInput[r, c], dOutput[r, c], accumulate);
        }
    }
}
