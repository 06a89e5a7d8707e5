using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    private readonly Scratch _slotMixture = new();

    public void SlotMixtureForward(MatrixView query, MatrixView key, MatrixView value, MatrixView weights, MatrixView output)
    {
        int length = key.Rows / query.Rows;
        long scratch = PaddedRows.PadTo16(length + 3) + PaddingOf(query.Columns, 1 + length) + PaddingOf(value.Columns, length);
        Run(
            new SlotMixtureForwardKernel
            {
                Batch = query.Rows,
                Length = length,
                KeyWidth = query.Columns,
                ValueWidth = value.Columns,
                Query = new HeadRows(query),
                Key = new HeadRows(key),
                Value = new HeadRows(value),
                Weights = Pointer(weights),
                Output = new HeadRows(output),
                Scratch = _slotMixture.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            (long)key.Rows * (key.Columns + value.Columns));
    }

    public void SlotMixtureBackward(
        MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, MatrixView weights,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, bool accumulateKey)
    {
        int length = key.Rows / query.Rows;
        long scratch = PaddedRows.PadTo16(length + 3) + PaddingOf(query.Columns, 1 + length) + PaddingOf(value.Columns, 1 + length);
        Run(
            new SlotMixtureBackwardKernel
            {
                Batch = query.Rows,
                Length = length,
                KeyWidth = query.Columns,
                ValueWidth = value.Columns,
                DOutput = new HeadRows(dOutput),
                Query = new HeadRows(query),
                Key = new HeadRows(key),
                Value = new HeadRows(value),
                Weights = Pointer(weights),
                DQuery = new HeadRows(dQuery),
                AccumulateQuery = accumulateQuery,
                DKey = new HeadRows(dKey),
                AccumulateKey = accumulateKey,
                Scratch = _slotMixture.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            (long)key.Rows * (2L * key.Columns + value.Columns));
    }

    private struct SlotMixtureForwardKernel : IHostKernel
    {
        public int Batch, Length, KeyWidth, ValueWidth;
        public HeadRows Query, Key, Value, Output;
        public float* Weights, Scratch;
        public long ScratchPerWorker;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long length = Length, keyWidth = KeyWidth, valueWidth = ValueWidth;
            float* scores = Scratch + worker * ScratchPerWorker;
            float scale = (float)(1 / Math.Sqrt(keyWidth));
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* padding = scores + PaddedRows.PadTo16(length + 3);
                HeadRows query = Query.From(b, 0).Padded(1, keyWidth, ref padding), key = Key.From(b * length, 0).Padded(length, keyWidth, ref padding);
                HeadRows value = Value.From(b * length, 0).Padded(length, valueWidth, ref padding);
                Dots<L>(query[0], key, length, PaddedRows.PadTo16(keyWidth), scores);
                float* weights = Weights + b * length;
                SoftMax<L>(scores, length, scale);
                for (long t = 0; t < length; t++)
                    weights[t] = scores[t];
                WeightedSum<L>(scores, 1, value, length, Output[b], valueWidth, accumulate: false);
            }
        }

        /// <summary>Softmax of scale·scores in place; room for whole sixteens.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void SoftMax<L>(float* scores, long count, float scale)
            where L : unmanaged, ILanes16<L>
        {
            float maximum = float.NegativeInfinity, sum = 0;
            for (long t = 0; t < count; t++)
            {
                scores[t] *= scale;
                maximum = scores[t] > maximum ? scores[t] : maximum;
            }

            for (long t = 0; t < PaddedRows.PadTo16(count); t++)
                scores[t] = t < count ? scores[t] - maximum : float.NegativeInfinity;
            for (long t = 0; t < count; t += 16)
                L.Store(LaneMath.Exp(L.Load(scores + t)), scores + t);
            for (long t = 0; t < count; t++)
                sum += scores[t];
            float inverse = 1 / sum;
            for (long t = 0; t < count; t++)
                scores[t] *= inverse;
        }
    }

    private struct SlotMixtureBackwardKernel : IHostKernel
    {
        public int Batch, Length, KeyWidth, ValueWidth;
        public HeadRows DOutput, Query, Key, Value, DQuery, DKey;
        public float* Weights, Scratch;
        public long ScratchPerWorker;
        public bool AccumulateQuery, AccumulateKey;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long length = Length, keyWidth = KeyWidth, valueWidth = ValueWidth;
            float* dScores = Scratch + worker * ScratchPerWorker;
            float scale = (float)(1 / Math.Sqrt(keyWidth));
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* padding = dScores + PaddedRows.PadTo16(length + 3), weights = Weights + b * length;
                HeadRows query = Query.From(b, 0).Padded(1, keyWidth, ref padding), key = Key.From(b * length, 0).Padded(length, keyWidth, ref padding);
                HeadRows dOutput = DOutput.From(b, 0).Padded(1, valueWidth, ref padding);
                HeadRows value = Value.From(b * length, 0).Padded(length, valueWidth, ref padding);
                Dots<L>(dOutput[0], value, length, PaddedRows.PadTo16(valueWidth), dScores);
                float weighted = 0;
                for (long t = 0; t < length; t++)
                    weighted += weights[t] * dScores[t];
                for (long t = 0; t < length; t++)
                    dScores[t] = scale * weights[t] * (dScores[t] - weighted);
                WeightedSum<L>(dScores, 1, key, length, DQuery[b], keyWidth, AccumulateQuery);
                for (long t = 0; t < length; t++)
                    WeightedSum<L>(dScores + t, 1, query, 1, DKey[b * length + t], keyWidth, AccumulateKey);
            }
        }
    }
}
