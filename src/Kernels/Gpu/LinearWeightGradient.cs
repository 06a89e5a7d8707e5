using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

internal sealed partial class GpuOperations
{
    public void LinearWeightGradient(MatrixView dY, MatrixView x, MatrixView dWeight, bool accumulateWeight, View dBias, bool accumulateBias)
    {
        if (UsePackedPanels || PlanFor(dWeight, dY.Rows).Splits > 1)
        {
            MatMul(MatMulForm.TN, dY, x, dWeight, bias: default, accumulateWeight);
            ColumnSum(dY, dBias, accumulateBias);
        }
        else
        {
            TiledMatMul(MatMulForm.TN, dY, x, dWeight, bias: default, accumulateWeight, dBias, accumulateBias);
        }
    }
}
