using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void LayerNormForward(MatrixView x, View gamma, View beta, MatrixView y, View mean, View rstd)
    {
        Matrix input = Read(x), output = Read(y);
        Span<double> scale = Read(gamma), shift = Read(beta), means = Read(mean), rstds = Read(rstd);
        for (int r = 0; r < x.Rows; r++)
        {
            double total = 0;
            foreach (double value in input.Row(r))
                total += value;
            means[r] = total / x.Columns;

            double squares = 0;
            foreach (double value in input.Row(r))
                squares += (value - means[r]) * (value - means[r]);
            rstds[r] = 1 / Math.Sqrt(squares / x.Columns + LayerNorm.Epsilon);

            for (int c = 0; c < x.Columns; c++)
                output[r, c] = (input[r, c] - means[r]) * rstds[r] * scale[c] + shift[c];
        }
    }

    public void LayerNormBackward(
        MatrixView dY, MatrixView x, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulate, View dGamma, View dBeta, bool accumulateParameters)
    {
        LayerNormParametersBackward(dY, x, mean, rstd, dGamma, dBeta, accumulateParameters);
        Matrix dInput = Read(dX);
        double[] gradient = new double[x.Columns];
        for (int r = 0; r < x.Rows; r++)
        {
            LayerNormRowBackward(dY, x, gamma, mean, rstd, r, gradient);
            for (int c = 0; c < x.Columns; c++)
                Store(ref dInput[r, c], gradient[c], accumulate);
        }
    }

    private static void LayerNormParametersBackward(
        MatrixView dY, MatrixView x, View mean, View rstd, View dGamma, View dBeta, bool accumulate)
    {
        Matrix dOutput = Read(dY), input = Read(x);
        Span<double> means = Read(mean), rstds = Read(rstd), dScale = Read(dGamma), dShift = Read(dBeta);
        for (int c = 0; c < x.Columns; c++)
        {
            double scale = 0, shift = 0;
            for (int r = 0; r < x.Rows; r++)
            {
                scale += dOutput[r, c] * (input[r, c] - means[r]) * rstds[r];
                shift += dOutput[r, c];
            }

            Store(ref dScale[c], scale, accumulate);
            Store(ref dShift[c], shift, accumulate);
        }
    }

    private static void LayerNormRowBackward(MatrixView dY, MatrixView x, View gamma, View mean, View rstd, int r, Span<double> gradient)
    {
        ReadOnlySpan<double> dOutput = Read(dY).Row(r), input = Read(x).Row(r), scale = Read(gamma);
        double center = Read(mean)[r], inverse = Read(rstd)[r];
        double meanG = 0, meanGX = 0;
        for (int c = 0; c < input.Length; c++)
        {
            meanG += dOutput[c] * scale[c] / input.Length;
            meanGX += dOutput[c] * scale[c] * (input[c] - center) * inverse / input.Length;
        }

        for (int c = 0; c < input.Length; c++)
            gradient[c] = inverse * (dOutput[c] * scale[c] - meanG - (input[c] - center) * inverse * meanGX);
    }
}
