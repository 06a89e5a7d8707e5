using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// P = softmax(q·kᵀ/√dh, causal); output = dropout(P)·v, per sample and head; any length and width. Forward: a group of 64 for each sample
/// and head and each eight queries. Backward: a group of 128 for each sample and head. Scores pass from phase to phase of a group through
/// global memory (P itself, and scratch of its size), so no length is too long.
/// </summary>
internal static partial class AttentionKernels
{
    /// <summary>Queries of a group of the forward pass.</summary>
    public const int QueriesPerGroup = 8;

    // Bits of the flags of the backward pass.
    public const int VectorAccess = 1, AccumulateQuery = 2, AccumulateKeyValue = 4;

    /// <summary>
    /// Three phases: a work item a score; a work item a row of the softmax; a work item four columns of a row of the output.
    /// Grid: (samples·heads, ⌈queries/8⌉).
    /// </summary>
    [Kernel(64)]
    public static void AttentionForward(
        ArrayView<float> query, int queryStride, ArrayView<float> key, int keyStride, ArrayView<float> value, int valueStride,
        ArrayView<float> output, int outputStride, ArrayView<float> probabilities,
        int heads, int queries, int keys, int width, int vector, float scoreScale,
        ArrayView<uint> dropoutKey, uint site, uint threshold, float dropoutScale)
    {
        int pair = Grid.IdxX, sample = pair / heads, head = (pair - sample * heads) * width;
        int first = Grid.IdxY * QueriesPerGroup, count = XMath.Min(QueriesPerGroup, queries - first), block = (pair * queries + first) * keys;

        // Query first + i sees keys up to hidden + i.
        int hidden = keys - queries + first;
        for (int item = Group.IdxX; item < count * keys; item += 64)
        {
            int i = item / keys, j = item - i * keys;
            float score = 0;
            if (j <= hidden + i)
            {
                score = scoreScale * Dot(
                    query, (sample * queries + first + i) * queryStride + head, key, (sample * keys + j) * keyStride + head, width, vector);
            }

            probabilities[block + item] = score;
        }

        Group.Barrier();
        if (Group.IdxX < count)
            SoftMax(probabilities, block + Group.IdxX * keys, hidden + Group.IdxX + 1);
        Group.Barrier();
        ulong stepKey = DropoutLanes.StepKey(dropoutKey, site);
        int quads = (width + 3) / 4;
        for (int item = Group.IdxX; item < count * quads; item += 64)
        {
            int i = item / quads, column = 4 * (item - i * quads), valid = width - column;
            var sum = new Float4(0f, 0f, 0f, 0f);
            for (int j = 0; j <= hidden + i; j++)
            {
                int at = block + i * keys + j;
                float weight = probabilities[at];
                if (threshold != 0)
                    weight = DropoutLanes.Apply(weight, (uint)at, stepKey, threshold, dropoutScale);
                sum = Quad.ScaledAdd(weight, Quad.Load(value, vector, (sample * keys + j) * valueStride + head + column, valid), sum);
            }

            Quad.Store(output, vector, (sample * queries + first + i) * outputStride + head + column, valid, sum);
        }
    }

    /// <summary>
    /// With Pd = dropout(P): dV (+)= Pdᵀ·dOutput; dP = dropout(dOutput·vᵀ); dS = P∘(dP − Σⱼ P·dP)/√dh; dQ (+)= dS·k; dK (+)= dSᵀ·q.
    /// Three phases: a work item an element of dP; a work item a row of dS; a work item four columns of a row of dQ, dK or dV.
    /// dS [B,H,Tq,Tk] is scratch. Grid: (heads, samples).
    /// </summary>
    [Kernel(128)]
    public static void AttentionBackward(
        ArrayView<float> dOutput, int dOutputStride, ArrayView<float> query, int queryStride, ArrayView<float> key, int keyStride,
        ArrayView<float> value, int valueStride, ArrayView<float> probabilities, ArrayView<float> dScores,
        ArrayView<float> dQuery, int dQueryStride, ArrayView<float> dKey, int dKeyStride, ArrayView<float> dValue, int dValueStride,
        int queries, int keys, int width, int flags, ArrayView<uint> dropoutKey, uint site, uint threshold, float dropoutScale)
    {
        int sample = Grid.IdxY, head = Grid.IdxX * width, block = (sample * Grid.DimX + Grid.IdxX) * queries * keys;
        int firstQuery = sample * queries, firstKey = sample * keys, hidden = keys - queries, vector = flags & VectorAccess;
        ulong stepKey = DropoutLanes.StepKey(dropoutKey, site);
        for (int item = Group.IdxX; item < queries * keys; item += 128)
        {
            int i = item / keys, j = item - i * keys;
            if (j <= hidden + i)
            {
                float gradient = Dot(
                    dOutput, (firstQuery + i) * dOutputStride + head, value, (firstKey + j) * valueStride + head, width, vector);
                if (threshold != 0)
                    gradient = DropoutLanes.Apply(gradient, (uint)(block + item), stepKey, threshold, dropoutScale);
                dScores[block + item] = gradient;
            }
        }

        Group.Barrier();
        float scoreScale = 1f / XMath.Sqrt(width);
        for (int i = Group.IdxX; i < queries; i += 128)
        {
            int row = block + i * keys;
            float weighted = 0;
            for (int j = 0; j <= hidden + i; j++)
                weighted = XMath.Fma(probabilities[row + j], dScores[row + j], weighted);
            for (int j = 0; j <= hidden + i; j++)
                dScores[row + j] = scoreScale * probabilities[row + j] * (dScores[row + j] - weighted);
        }

        Group.Barrier();
        int quads = (width + 3) / 4;
        for (int item = Group.IdxX; item < (queries + 2 * keys) * quads; item += 128)
        {
            int row = item / quads, column = 4 * (item - row * quads), valid = width - column, from = head + column;
            var sum = new Float4(0f, 0f, 0f, 0f);
            if (row < queries)
            {
                for (int j = 0; j <= hidden + row; j++)
                    sum = Quad.ScaledAdd(dScores[block + row * keys + j], Quad.Load(key, vector, (firstKey + j) * keyStride + from, valid), sum);
                Quad.Put(dQuery, vector, (firstQuery + row) * dQueryStride + from, valid, sum, flags & AccumulateQuery);
            }
            else if (row < queries + keys)
            {
                int j = row - queries;
                for (int i = XMath.Max(0, j - hidden); i < queries; i++)
                    sum = Quad.ScaledAdd(dScores[block + i * keys + j], Quad.Load(query, vector, (firstQuery + i) * queryStride + from, valid), sum);
                Quad.Put(dKey, vector, (firstKey + j) * dKeyStride + from, valid, sum, flags & AccumulateKeyValue);
            }
            else
            {
                int j = row - queries - keys;
                for (int i = XMath.Max(0, j - hidden); i < queries; i++)
                {
                    int at = block + i * keys + j;
                    float weight = probabilities[at];
                    if (threshold != 0)
                        weight = DropoutLanes.Apply(weight, (uint)at, stepKey, threshold, dropoutScale);
                    sum = Quad.ScaledAdd(weight, Quad.Load(dOutput, vector, (firstQuery + i) * dOutputStride + from, valid), sum);
                }

                Quad.Put(dValue, vector, (firstKey + j) * dValueStride + from, valid, sum, flags & AccumulateKeyValue);
            }
        }
    }

    /// <summary>a·b over one head.</summary>
    public static float Dot(ArrayView<float> a, int aStart, ArrayView<float> b, int bStart, int width, int vector)
    {
        var sum = new Float4(0f, 0f, 0f, 0f);
        for (int c = 0; c < width; c += 4)
            sum = Quad.Fma(Quad.Load(a, vector, aStart + c, width - c), Quad.Load(b, vector, bStart + c, width - c), sum);
        return Quad.Sum(sum);
    }

    /// <summary>Softmax of <paramref name="count"/> elements in place.</summary>
    public static void SoftMax(ArrayView<float> scores, int start, int count)
    {
        float maximum = scores[start], sum = 0;
        for (int j = 1; j < count; j++)
            maximum = XMath.Max(maximum, scores[start + j]);
        for (int j = 0; j < count; j++)
        {
            float weight = XMath.Exp(scores[start + j] - maximum);
            scores[start + j] = weight;
            sum += weight;
        }

        float inverse = 1f / sum;
        for (int j = 0; j < count; j++)
            scores[start + j] *= inverse;
    }
}

internal sealed partial class GpuOperations
{
    public void AttentionForward(
        AttentionShape shape, MatrixView query, MatrixView key, MatrixView value, MatrixView output, View probabilities, Dropout dropout)
    {
        int width = query.Columns / shape.Heads;
        AttentionKernels.AttentionForward(
            _device, new LaunchSize(shape.Batch * shape.Heads, Groups(shape.QueryLength, AttentionKernels.QueriesPerGroup)),
            query.Data, query.Stride, key.Data, key.Stride, value.Data, value.Stride, output.Data, output.Stride, probabilities,
            shape.Heads, shape.QueryLength, shape.KeyLength, width,
            Vector(query.Data, key.Data, value.Data, output.Data, lengths: query.Stride | key.Stride | value.Stride | output.Stride | width),
            (float)(1 / Math.Sqrt(width)), _stepScalars.Of(dropout.Key), dropout.Site, dropout.Threshold, dropout.Scale);
    }

    public void AttentionBackward(
        AttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, View probabilities,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, MatrixView dValue, bool accumulateKeyValue, Dropout dropout)
    {
        int width = query.Columns / shape.Heads;
        int vector = Vector(dOutput.Data, query.Data, key.Data, value.Data, lengths: dOutput.Stride | query.Stride | key.Stride | value.Stride)
            & Vector(dQuery.Data, dKey.Data, dValue.Data, lengths: dQuery.Stride | dKey.Stride | dValue.Stride | width);
        int flags = vector * AttentionKernels.VectorAccess
            + Flag(accumulateQuery) * AttentionKernels.AccumulateQuery + Flag(accumulateKeyValue) * AttentionKernels.AccumulateKeyValue;
        AttentionKernels.AttentionBackward(
            _device, new LaunchSize(shape.Heads, shape.Batch),
            dOutput.Data, dOutput.Stride, query.Data, query.Stride, key.Data, key.Stride, value.Data, value.Stride,
            probabilities, _scratch.Floats(shape.Probabilities),
            dQuery.Data, dQuery.Stride, dKey.Data, dKey.Stride, dValue.Data, dValue.Stride,
            shape.QueryLength, shape.KeyLength, width, flags, _stepScalars.Of(dropout.Key), dropout.Site, dropout.Threshold, dropout.Scale);
    }
}
