using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed partial class HostOperations
{
    public void LinearWeightGradient(MatrixView dY, MatrixView x, MatrixView dWeight, bool accumulateWeight, View dBias, bool accumulateBias)
    {
        MatMul(MatMulForm.TN, dY, x, dWeight, bias: default, accumulateWeight);
        ColumnSum(dY, dBias, accumulateBias);
    }
}
