using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y = x·Φ(x) = x·(1 + erf(x/√2))/2, the exact form of Hendrycks and Gimpel 2016.</summary>
    /// <param name="x">[R,C], dense.</param>
    /// <param name="y">[R,C], dense.</param>
    void GeluForward(MatrixView x, MatrixView y);

    /// <summary>dX (+)= dY·(Φ(x) + x·φ(x)), φ(x) = e^(−x²/2)/√(2π).</summary>
    /// <param name="dY">[R,C], dense.</param>
    /// <param name="x">[R,C], dense.</param>
    /// <param name="dX">[R,C], dense.</param>
    /// <param name="accumulate">Adds to <paramref name="dX"/>.</param>
    void GeluBackward(MatrixView dY, MatrixView x, MatrixView dX, bool accumulate);
}
