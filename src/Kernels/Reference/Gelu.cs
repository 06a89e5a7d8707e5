using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void GeluForward(MatrixView x, MatrixView y)
    {
        Matrix input = Read(x), output = Read(y);
        for (int r = 0; r < x.Rows; r++)
        {
            for (int c = 0; c < x.Columns; c++)
                output[r, c] = input[r, c] * NormalCdf(input[r, c]);
        }
    }

    public void GeluBackward(MatrixView dY, MatrixView x, MatrixView dX, bool accumulate)
    {
        Matrix dOutput = Read(dY), input = Read(x), dInput = Read(dX);
        for (int r = 0; r < x.Rows; r++)
        {
            for (int c = 0; c < x.Columns; c++)
            {
                double z = input[r, c];
                double density = Math.Exp(-z * z / 2) / Math.Sqrt(2 * Math.PI);
                Store(ref dInput[r, c], dOutput[r, c] * (NormalCdf(z) + z * density), accumulate);
            }
        }
    }

    private static double NormalCdf(double x) => (1 + Erf(x / Math.Sqrt(2))) / 2;

    /// <summary>
    /// erf(x) = 2/√π · e^(−x²) · Σₙ 2ⁿ x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6): all terms have one sign, so nothing cancels.
    /// </summary>
    internal static double Erf(double x)
    {
        // 1 − erf(6) = 2e-17 is below half a unit in the last place of 1.
        if (Math.Abs(x) >= 6)
            return Math.Sign(x);
        if (double.IsNaN(x))
            return x;
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
