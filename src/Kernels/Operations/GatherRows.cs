using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

public partial interface IOperations
{
    /// <summary>y[r] = x[rows[r]]: rows picked by number, any of them any number of times.</summary>
    /// <param name="x">[N,C], any stride.</param>
    /// <param name="rows">R row numbers in [0, N), as numbers: exact below 2²⁴.</param>
    /// <param name="y">[R,C], any stride.</param>
    void GatherRows(MatrixView x, View rows, MatrixView y);
}
