using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void DropoutResidualLayerNormForward(
        MatrixView x, MatrixView residual, View gamma, View beta, MatrixView sum, MatrixView y, View mean, View rstd, Dropout dropout)
    {
        Matrix input = Read(x), skip = Read(residual), total = Read(sum);
        ulong key = dropout.StepKey;
        for (int r = 0; r < x.Rows; r++)
        {
            for (int c = 0; c < x.Columns; c++)
                total[r, c] = skip[r, c] + input[r, c] * Factor(dropout, key, (long)r * x.Columns + c);
        }

        LayerNormForward(sum, gamma, beta, y, mean, rstd);
    }

    public void DropoutResidualLayerNormBackward(
        MatrixView dY, MatrixView sum, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulateX, MatrixView dResidual, bool accumulateResidual,
        View dGamma, View dBeta, bool accumulateParameters, Dropout dropout)
    {
        LayerNormParametersBackward(dY, sum, mean, rstd, dGamma, dBeta, accumulateParameters);
        Matrix dInput = Read(dX), dSkip = Read(dResidual);
        ulong key = dropout.StepKey;
        double[] gradient = new double[sum.Columns];
        for (int r = 0; r < sum.Rows; r++)
        {
            LayerNormRowBackward(dY, sum, gamma, mean, rstd, r, gradient);
            for (int c = 0; c < sum.Columns; c++)
            {
                Store(ref dSkip[r, c], gradient[c], accumulateResidual);
                Store(ref dInput[r, c], gradient[c] * Factor(dropout, key, (long)r * sum.Columns + c), accumulateX);
            }
        }
    }
}
