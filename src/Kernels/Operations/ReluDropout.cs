using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y = dropout(max(x, 0)). The bias before it is added by <see cref="MatMul"/>. In place (y = x) is allowed.</summary>
    /// <param name="x">[R,C], dense.</param>
    /// <param name="y">[R,C], dense.</param>
    /// <param name="dropout">Element index r·C + c.</param>
    void ReluDropoutForward(MatrixView x, MatrixView y, Dropout dropout);

    /// <summary>dX (+)= dY·scale where y &gt; 0, else 0: y already tells which elements were kept and positive. In place (dX = dY) is allowed.</summary>
    /// <param name="dY">[R,C], dense.</param>
    /// <param name="y">[R,C], dense.</param>
    /// <param name="dX">[R,C], dense.</param>
    /// <param name="dropout">As in the forward call.</param>
    /// <param name="accumulate">Adds to <paramref name="dX"/>.</param>
    void ReluDropoutBackward(MatrixView dY, MatrixView y, MatrixView dX, Dropout dropout, bool accumulate);
}
