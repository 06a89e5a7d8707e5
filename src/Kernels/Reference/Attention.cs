using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Reference;

internal sealed partial class ReferenceOperations
{
    public void AttentionForward(
        AttentionShape shape, MatrixView query, MatrixView key, MatrixView value, MatrixView output, View probabilities, Dropout dropout)
    {
        (int heads, int queries, int keys) = (shape.Heads, shape.QueryLength, shape.KeyLength);
        int width = query.Columns / heads;
        Matrix q = Read(query), k = Read(key), v = Read(value), result = Read(output);
        Span<double> p = Read(probabilities);
        ulong stepKey = dropout.StepKey;
        for (int row = 0; row < shape.Batch * heads * queries; row++)
        {
            (int b, int h, int i) = (row / queries / heads, row / queries % heads, row % queries);
            Span<double> weights = p.Slice(row * keys, keys);
            for (int j = 0; j < shape.Visible(i); j++)
                weights[j] = Dot(q.Row(b * queries + i).Slice(h * width, width), k.Row(b * keys + j).Slice(h * width, width)) / Math.Sqrt(width);
            SoftMax(weights[..shape.Visible(i)]);
            weights[shape.Visible(i)..].Clear();

            for (int c = h * width; c < (h + 1) * width; c++)
            {
                double sum = 0;
                for (int j = 0; j < shape.Visible(i); j++)
                    sum += weights[j] * Factor(dropout, stepKey, (long)row * keys + j) * v[b * keys + j, c];
                result[b * queries + i, c] = sum;
            }
        }
    }

    public void AttentionBackward(
        AttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, View probabilities,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, MatrixView dValue, bool accumulateKeyValue, Dropout dropout)
    {
        (int heads, int queries, int keys) = (shape.Heads, shape.QueryLength, shape.KeyLength);
        int width = query.Columns / heads;
        Matrix dResult = Read(dOutput), q = Read(query), k = Read(key), v = Read(value);
        Matrix dQ = Read(dQuery), dK = Read(dKey), dV = Read(dValue);
        Span<double> p = Read(probabilities);
        if (!accumulateQuery)
            Clear(dQ);
        if (!accumulateKeyValue)
        {
            Clear(dK);
            Clear(dV);
        }

        ulong stepKey = dropout.StepKey;
        double[] dWeights = new double[keys];
        for (int row = 0; row < shape.Batch * heads * queries; row++)
        {
            (int b, int h, int i) = (row / queries / heads, row / queries % heads, row % queries);
            (int visible, int position) = (shape.Visible(i), b * queries + i);
            ReadOnlySpan<double> weights = p.Slice(row * keys, keys);
            double weighted = 0;
            for (int j = 0; j < visible; j++)
            {
                dWeights[j] = Factor(dropout, stepKey, (long)row * keys + j)
                    * Dot(dResult.Row(position).Slice(h * width, width), v.Row(b * keys + j).Slice(h * width, width));
                weighted += weights[j] * dWeights[j];
            }

            for (int j = 0; j < visible; j++)
            {
                double dropped = weights[j] * Factor(dropout, stepKey, (long)row * keys + j);
                double dScore = weights[j] * (dWeights[j] - weighted) / Math.Sqrt(width);
                for (int c = h * width; c < (h + 1) * width; c++)
                {
                    dV[b * keys + j, c] += dropped * dResult[position, c];
                    dQ[position, c] += dScore * k[b * keys + j, c];
                    dK[b * keys + j, c] += dScore * q[position, c];
                }
            }
        }
    }

    private static void SoftMax(Span<double> row)
    {
        double maximum = double.NegativeInfinity, sum = 0;
        foreach (double score in row)
            maximum = Math.Max(maximum, score);
        foreach (ref double score in row)
            sum += score = Math.Exp(score - maximum);
        foreach (ref double score in row)
            score /= sum;
    }

    private static void Clear(Matrix matrix)
    {
        for (int r = 0; r < matrix.Rows; r++)
        {
            for (int c = 0; c < matrix.Columns; c++)
                matrix[r, c] = 0;
        }
    }
}
