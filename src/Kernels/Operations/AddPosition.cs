using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y[r] = x[r] + table[r mod T], T = rows of the table: the sinusoidal position of each token.</summary>
    /// <param name="x">[B·T,C]</param>
    /// <param name="table">[T,C]</param>
    /// <param name="y">[B·T,C]</param>
    void AddPositionForward(MatrixView x, MatrixView table, MatrixView y);

    /// <summary>dX (+)= dY. The table is not trained.</summary>
    /// <param name="dY">[B·T,C]</param>
    /// <param name="dX">[B·T,C]</param>
    /// <param name="accumulate">Adds to <paramref name="dX"/>.</param>
    void AddPositionBackward(MatrixView dY, MatrixView dX, bool accumulate);
}
