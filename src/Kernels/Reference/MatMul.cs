using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void MatMul(MatMulForm form, MatrixView a, MatrixView b, MatrixView c, View bias, bool accumulate)
    {
        Matrix left = Read(a), right = Read(b), result = Read(c);
        ReadOnlySpan<double> perColumn = bias.IsEmpty ? default : Read(bias);
        int depth = form == MatMulForm.TN ? a.Rows : a.Columns;
        for (int m = 0; m < c.Rows; m++)
        {
            for (int n = 0; n < c.Columns; n++)
            {
                double sum = bias.IsEmpty ? 0 : perColumn[n];
                for (int k = 0; k < depth; k++)
                {
                    sum += form switch
                    {
                        MatMulForm.NN => left[m, k] * right[k, n],
                        MatMulForm.NT => left[m, k] * right[n, k],
                        _ => left[k, m] * right[k, n],
                    };
                }

                Store(ref result[m, n], sum, accumulate);
            }
        }
    }
}
