using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y[b] = x[b·T + T − 1]: the last of T positions of each sample.</summary>
    /// <param name="x">[B·T,C], dense.</param>
    /// <param name="y">[B,C], dense.</param>
    void TakeLastForward(MatrixView x, MatrixView y);

    /// <summary>dX[b·T + T − 1] (+)= dY[b]; the other rows become 0, or stay as they are when accumulating.</summary>
    /// <param name="dY">[B,C], dense.</param>
    /// <param name="dX">[B·T,C], dense.</param>
    /// <param name="accumulate">Adds to <paramref name="dX"/>.</param>
    void TakeLastBackward(MatrixView dY, MatrixView dX, bool accumulate);
}
