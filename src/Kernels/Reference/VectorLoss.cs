using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void VectorLossForward(MatrixView raw, MatrixView target, MatrixView context, MatrixView statistics)
    {
        Matrix raws = Read(raw), targets = Read(target), contexts = Read(context), result = Read(statistics);
        int slots = context.Rows / raw.Rows;
        for (int b = 0; b < raw.Rows; b++)
        {
            ReadOnlySpan<double> x = raws.Row(b), t = targets.Row(b);
            double squaredError = 0;
            for (int c = 0; c < x.Length; c++)
                squaredError += (x[c] - t[c]) * (x[c] - t[c]);
            result[b, LossStatistics.SquaredError] = squaredError;
            result[b, LossStatistics.RawSquared] = Dot(x, x);
            result[b, LossStatistics.TargetSquared] = Dot(t, t);
            result[b, LossStatistics.RawTarget] = Dot(x, t);
            for (int slot = 0; slot < slots; slot++)
            {
                ReadOnlySpan<double> past = contexts.Row(b * slots + slot);
                result[b, LossStatistics.RawContext(slot)] = Dot(x, past);
                result[b, LossStatistics.ContextSquared(slot)] = Dot(past, past);
                result[b, LossStatistics.TargetContext(slot)] = Dot(t, past);
            }
        }
    }

    public void VectorLossBackward(
        MatrixView raw, MatrixView target, MatrixView context, int slot, MatrixView coefficients, MatrixView dRaw, bool accumulate)
    {
        Matrix raws = Read(raw), targets = Read(target), contexts = Read(context), factors = Read(coefficients), gradient = Read(dRaw);
        int slots = context.Rows / raw.Rows;
        for (int b = 0; b < raw.Rows; b++)
        {
            for (int c = 0; c < raw.Columns; c++)
            {
                double value = factors[b, LossCoefficients.Error] * (raws[b, c] - targets[b, c])
                    + factors[b, LossCoefficients.Target] * targets[b, c]
                    + factors[b, LossCoefficients.Negative] * contexts[b * slots + slot, c]
                    + factors[b, LossCoefficients.Raw] * raws[b, c];
                Store(ref gradient[b, c], value, accumulate);
            }
        }
    }
}
