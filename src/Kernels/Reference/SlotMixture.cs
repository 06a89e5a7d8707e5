using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void SlotMixtureForward(MatrixView query, MatrixView key, MatrixView value, MatrixView weights, MatrixView output)
    {
        Matrix weight = Read(weights), mixed = Read(output);
        int length = key.Rows / query.Rows;
        for (int b = 0; b < query.Rows; b++)
        {
            double maximum = double.NegativeInfinity, total = 0;
            for (int t = 0; t < length; t++)
            {
                weight[b, t] = Dot(Read(query).Row(b), Read(key).Row(b * length + t)) / Math.Sqrt(query.Columns);
                maximum = Math.Max(maximum, weight[b, t]);
            }

            for (int t = 0; t < length; t++)
            {
                weight[b, t] = Math.Exp(weight[b, t] - maximum);
                total += weight[b, t];
            }

            for (int t = 0; t < length; t++)
                weight[b, t] /= total;
            for (int c = 0; c < output.Columns; c++)
            {
                double sum = 0;
                for (int t = 0; t < length; t++)
                    sum += weight[b, t] * Read(value)[b * length + t, c];
                mixed[b, c] = sum;
            }
        }
    }

    public void SlotMixtureBackward(
        MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, MatrixView weights,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, bool accumulateKey)
    {
        Matrix weight = Read(weights), dQ = Read(dQuery), dK = Read(dKey);
        int length = key.Rows / query.Rows;
        double[] dScore = new double[length];
        for (int b = 0; b < query.Rows; b++)
        {
            double weighted = 0;
            for (int t = 0; t < length; t++)
            {
                dScore[t] = Dot(Read(dOutput).Row(b), Read(value).Row(b * length + t));
                weighted += weight[b, t] * dScore[t];
            }

            for (int t = 0; t < length; t++)
                dScore[t] = weight[b, t] * (dScore[t] - weighted) / Math.Sqrt(query.Columns);
            for (int c = 0; c < query.Columns; c++)
            {
                double sum = 0;
                for (int t = 0; t < length; t++)
                {
                    sum += dScore[t] * Read(key)[b * length + t, c];
                    Store(ref dK[b * length + t, c], dScore[t] * Read(query)[b, c], accumulateKey);
                }

                Store(ref dQ[b, c], sum, accumulateQuery);
            }
        }
    }
}
