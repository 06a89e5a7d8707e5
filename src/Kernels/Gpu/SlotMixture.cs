using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// weights = softmax(q·kᵀ/√d), output = weights·v, one query a sample; any number of slots and any widths. Launch: a group of 128 for each
/// sample; scores pass from phase to phase of a group through global memory.
/// </summary>
internal static partial class SlotMixtureKernels
{
    /// <summary>Three phases: a work item a score; one the softmax; a work item four columns of the output.</summary>
    [Kernel(128)]
    public static void SlotMixtureForward(
        ArrayView<float> query, int queryStride, ArrayView<float> key, int keyStride, ArrayView<float> value, int valueStride,
        ArrayView<float> weights, ArrayView<float> output, int outputStride, int length, int width, int columns, float scale, int vector)
    {
        int sample = Grid.IdxX, first = sample * length;
        for (int t = Group.IdxX; t < length; t += 128)
            weights[first + t] = scale * AttentionKernels.Dot(query, sample * queryStride, key, (first + t) * keyStride, width, vector);
        Group.Barrier();
        if (Group.IdxX == 0)
            AttentionKernels.SoftMax(weights, first, length);
        Group.Barrier();
        for (int column = 4 * Group.IdxX; column < columns; column += 512)
        {
            int valid = columns - column;
            var sum = new Float4(0f, 0f, 0f, 0f);
            for (int t = 0; t < length; t++)
                sum = Quad.ScaledAdd(weights[first + t], Quad.Load(value, vector, (first + t) * valueStride + column, valid), sum);
            Quad.Store(output, vector, sample * outputStride + column, valid, sum);
        }
    }

    /// <summary>Three phases: a work item a row of dOutput·v; one the softmax's gradient; a work item four columns of dQuery and of every dKey.</summary>
    [Kernel(128)]
    public static void SlotMixtureBackward(
        ArrayView<float> dOutput, int dOutputStride, ArrayView<float> query, int queryStride, ArrayView<float> key, int keyStride,
        ArrayView<float> value, int valueStride, ArrayView<float> weights, ArrayView<float> dScores,
        ArrayView<float> dQuery, int dQueryStride, ArrayView<float> dKey, int dKeyStride,
        int length, int width, int columns, float scale, int vector, int accumulateQuery, int accumulateKey)
    {
        int sample = Grid.IdxX, first = sample * length;
        for (int t = Group.IdxX; t < length; t += 128)
            dScores[first + t] = AttentionKernels.Dot(dOutput, sample * dOutputStride, value, (first + t) * valueStride, columns, vector);
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            float weighted = 0;
            for (int t = 0; t < length; t++)
                weighted = XMath.Fma(weights[first + t], dScores[first + t], weighted);
            for (int t = 0; t < length; t++)
                dScores[first + t] = scale * weights[first + t] * (dScores[first + t] - weighted);
        }

        Group.Barrier();
        for (int column = 4 * Group.IdxX; column < width; column += 512)
        {
            int valid = width - column;
            Float4 q = Quad.Load(query, vector, sample * queryStride + column, valid);
            var sum = new Float4(0f, 0f, 0f, 0f);
            for (int t = 0; t < length; t++)
            {
                float dScore = dScores[first + t];
                sum = Quad.ScaledAdd(dScore, Quad.Load(key, vector, (first + t) * keyStride + column, valid), sum);
                Quad.Put(dKey, vector, (first + t) * dKeyStride + column, valid, Quad.Scale(q, dScore), accumulateKey);
            }

            Quad.Put(dQuery, vector, sample * dQueryStride + column, valid, sum, accumulateQuery);
        }
    }
}

internal sealed partial class GpuOperations
{
    public void SlotMixtureForward(MatrixView query, MatrixView key, MatrixView value, MatrixView weights, MatrixView output) =>
        SlotMixtureKernels.SlotMixtureForward(
            _device, new LaunchSize(query.Rows), query.Data, query.Stride, key.Data, key.Stride, value.Data, value.Stride,
            weights.Data, output.Data, output.Stride, weights.Columns, query.Columns, value.Columns, (float)(1 / Math.Sqrt(query.Columns)),
            Vector(query.Data, key.Data, value.Data, output.Data, lengths: query.Stride | key.Stride | value.Stride | output.Stride));

    public void SlotMixtureBackward(
        MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, MatrixView weights,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, bool accumulateKey)
    {
        int vector = Vector(dOutput.Data, query.Data, key.Data, value.Data, lengths: dOutput.Stride | query.Stride | key.Stride | value.Stride)
            & Vector(dQuery.Data, dKey.Data, lengths: dQuery.Stride | dKey.Stride);
        SlotMixtureKernels.SlotMixtureBackward(
            _device, new LaunchSize(query.Rows), dOutput.Data, dOutput.Stride, query.Data, query.Stride, key.Data, key.Stride,
            value.Data, value.Stride, weights.Data, _scratch.Floats(Count(weights)), dQuery.Data, dQuery.Stride, dKey.Data, dKey.Stride,
            weights.Columns, query.Columns, value.Columns, (float)(1 / Math.Sqrt(query.Columns)), vector, Flag(accumulateQuery), Flag(accumulateKey));
    }
}
