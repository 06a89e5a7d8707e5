using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void SlotSkipsForward(MatrixView raw, View skips, MatrixView context, MatrixView y)
    {
        Matrix input = Read(raw), contexts = Read(context), output = Read(y);
        Span<double> factors = Read(skips);
        for (int b = 0; b < y.Rows; b++)
        {
            for (int c = 0; c < y.Columns; c++)
            {
                double sum = input[b, c];
                for (int slot = 0; slot < factors.Length; slot++)
                    sum += factors[slot] * contexts[b * factors.Length + slot, c];
                output[b, c] = sum;
            }
        }
    }

    public void SlotSkipsBackward(MatrixView dY, MatrixView context, View dSkips, bool accumulateSkips, MatrixView dRaw, bool accumulateRaw)
    {
        Matrix dOutput = Read(dY), contexts = Read(context), dInput = Read(dRaw);
        Span<double> dFactors = Read(dSkips);
        for (int slot = 0; slot < dFactors.Length; slot++)
        {
            double sum = 0;
            for (int b = 0; b < dY.Rows; b++)
                sum += Dot(dOutput.Row(b), contexts.Row(b * dFactors.Length + slot));
            Store(ref dFactors[slot], sum, accumulateSkips);
        }

        for (int b = 0; b < dY.Rows; b++)
        {
            for (int c = 0; c < dY.Columns; c++)
                Store(ref dInput[b, c], dOutput[b, c], accumulateRaw);
        }
    }
}
