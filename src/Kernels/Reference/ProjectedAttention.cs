using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void ProjectedAttentionForward(
        ProjectedAttentionShape shape, MatrixView query, MatrixView x, MatrixView weight, View bias, MatrixView output, View probabilities,
        View workspace, Dropout dropout) =>
        ComposedProjectedAttention.Forward(this, shape, query, x, weight, bias, output, probabilities, workspace, dropout);

    public void ProjectedAttentionBackward(
        ProjectedAttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView x, MatrixView weight, View bias, View probabilities,
        View workspace, MatrixView dQuery, bool accumulateQuery, MatrixView dX, bool accumulateX, MatrixView dWeight, bool accumulateWeight,
        View dBias, bool accumulateBias, Dropout dropout) =>
        ComposedProjectedAttention.Backward(
            this, shape, dOutput, query, x, weight, probabilities, workspace, dQuery, accumulateQuery, dX, accumulateX, dWeight, accumulateWeight,
            dBias, accumulateBias, dropout);
}
