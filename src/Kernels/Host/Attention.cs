using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    private readonly Scratch _attention = new();

    public void AttentionForward(
        AttentionShape shape, MatrixView query, MatrixView key, MatrixView value, MatrixView output, View probabilities, Dropout dropout)
    {
        long width = query.Columns / shape.Heads, paddedKeys = PaddedRows.PadTo16(shape.KeyLength);
        long scratch = paddedKeys + PaddingOf(width, shape.QueryLength + 2L * shape.KeyLength);
        Run(
            new AttentionForwardKernel
            {
                Shape = shape,
                Width = width,
                Query = new HeadRows(query),
                Key = new HeadRows(key),
                Value = new HeadRows(value),
                Output = new HeadRows(output),
                Probabilities = Pointer(probabilities),
                Dropout = new DropoutLanes(dropout),
                Scratch = _attention.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            2L * shape.KeyLength * query.Rows * query.Columns);
    }

    public void AttentionBackward(
        AttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, View probabilities,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, MatrixView dValue, bool accumulateKeyValue, Dropout dropout)
    {
        long width = query.Columns / shape.Heads, paddedKeys = PaddedRows.PadTo16(shape.KeyLength);
        long scratch = 2 * shape.QueryLength * paddedKeys + PaddingOf(width, 2L * shape.QueryLength + 2L * shape.KeyLength);
        Run(
            new AttentionBackwardKernel
            {
                Shape = shape,
                Width = width,
                DOutput = new HeadRows(dOutput),
                Query = new HeadRows(query),
                Key = new HeadRows(key),
                Value = new HeadRows(value),
                Probabilities = Pointer(probabilities),
                DQuery = new HeadRows(dQuery),
                AccumulateQuery = accumulateQuery,
                DKey = new HeadRows(dKey),
                DValue = new HeadRows(dValue),
                AccumulateKeyValue = accumulateKeyValue,
                Dropout = new DropoutLanes(dropout),
                Scratch = _attention.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            4L * shape.KeyLength * query.Rows * query.Columns);
    }

    private static long PaddingOf(long width, long rows) => width % 16 == 0 ? 0 : rows * PaddedRows.PadTo16(width);

    /// <summary>a·b over a multiple of 16 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot<L>(float* a, float* b, long padded)
        where L : unmanaged, ILanes16<L>
    {
        L sum = L.Load(a) * L.Load(b);
        for (long c = 16; c < padded; c += 16)
            sum = L.Fma(L.Load(a + c), L.Load(b + c), sum);
        return L.Sum(sum);
    }

    /// <summary>destination (+)= Σⱼ weights[j·step]·rows[first + j]; the rows are padded, the destination need not be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightedSum<L>(
        float* weights, long step, HeadRows rows, long first, long count, float* destination, long width, bool accumulate)
        where L : unmanaged, ILanes16<L>
    {
        float* tail = stackalloc float[16];
        for (long c = 0; c < width; c += 16)
        {
            L sum = default;
            for (long j = 0; j < count; j++)
                sum = L.Fma(L.Create(weights[j * step]), L.Load(rows[first + j] + c), sum);
            if (c + 16 <= width)
            {
                Put(sum, destination + c, accumulate);
                continue;
            }

            L.Store(sum, tail);
            for (long k = 0; c + k < width; k++)
                destination[c + k] = accumulate ? destination[c + k] + tail[k] : tail[k];
        }
    }

    private struct AttentionForwardKernel : IHostKernel
    {
        public AttentionShape Shape;
        public long Width, ScratchPerWorker;
        public HeadRows Query, Key, Value, Output;
        public float* Probabilities, Scratch;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, padded = PaddedRows.PadTo16(width), queries = Shape.QueryLength, keys = Shape.KeyLength;
            float scale = (float)(1 / Math.Sqrt(width));
            float* row = Scratch + worker * ScratchPerWorker;
            Partition pairs = Partition.Of((long)Shape.Batch * Shape.Heads, worker, workers);
            for (long pair = pairs.Start; pair < pairs.End; pair++)
            {
                long b = pair / Shape.Heads, column = pair % Shape.Heads * width;
                float* padding = row + PaddedRows.PadTo16(keys);
                HeadRows query = Query.From(b * queries, column).Padded(queries, width, ref padding);
                HeadRows key = Key.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows value = Value.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows output = Output.From(b * queries, column);
                for (long i = 0; i < queries; i++)
                {
                    long visible = keys - queries + i + 1, first = (pair * queries + i) * keys;
                    for (long j = 0; j < visible; j++)
                        row[j] = scale * Dot<L>(query[i], key[j], padded);
                    SoftMax<L>(row, visible);
                    for (long j = 0; j < keys; j++)
                        Probabilities[first + j] = j < visible ? row[j] : 0;
                    Drop<L>(row, visible, first);
                    WeightedSum<L>(row, 1, value, 0, visible, output[i], width, accumulate: false);
                }
            }
        }

        /// <summary>In place. Lanes after the last element hold anything before and 0 afterwards.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void SoftMax<L>(float* row, long count)
            where L : unmanaged, ILanes16<L>
        {
            for (long j = count; j < PaddedRows.PadTo16(count); j++)
                row[j] = float.NegativeInfinity;
            L largest = L.Load(row), sum = default;
            for (long j = 16; j < count; j += 16)
                largest = L.Max(largest, L.Load(row + j));
            L maximum = L.Create(L.Maximum(largest));
            for (long j = 0; j < count; j += 16)
            {
                L visible = L.AtLeastBits(L.CreateBits((uint)(count - j - 1)), L.LaneBits);
                L e = LaneMath.Exp(L.Load(row + j) - maximum) & visible;
                L.Store(e, row + j);
                sum += e;
            }

            float inverse = 1 / L.Sum(sum);
            for (long j = 0; j < count; j += 16)
                L.Store(L.Load(row + j) * L.Create(inverse), row + j);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Drop<L>(float* row, long count, long index)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            for (long j = 0; j < count; j += 16)
                L.Store(dropout.Apply(L.Load(row + j), index + j), row + j);
        }
    }

    private struct AttentionBackwardKernel : IHostKernel
    {
        public AttentionShape Shape;
        public long Width, ScratchPerWorker;
        public HeadRows DOutput, Query, Key, Value, DQuery, DKey, DValue;
        public float* Probabilities, Scratch;
        public bool AccumulateQuery, AccumulateKeyValue;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, padded = PaddedRows.PadTo16(width), queries = Shape.QueryLength, keys = Shape.KeyLength;
            long paddedKeys = PaddedRows.PadTo16(keys);
            float* dScores = Scratch + worker * ScratchPerWorker, dropped = dScores + queries * paddedKeys;
            Partition pairs = Partition.Of((long)Shape.Batch * Shape.Heads, worker, workers);
            for (long pair = pairs.Start; pair < pairs.End; pair++)
            {
                long b = pair / Shape.Heads, column = pair % Shape.Heads * width;
                float* padding = dropped + queries * paddedKeys;
                HeadRows dOutput = DOutput.From(b * queries, column).Padded(queries, width, ref padding);
                HeadRows query = Query.From(b * queries, column).Padded(queries, width, ref padding);
                HeadRows key = Key.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows value = Value.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows dQuery = DQuery.From(b * queries, column), dKey = DKey.From(b * keys, column), dValue = DValue.From(b * keys, column);
                for (long i = 0; i < queries; i++)
                {
                    long visible = keys - queries + i + 1;
                    float* dScore = dScores + i * paddedKeys;
                    for (long j = 0; j < visible; j++)
                        dScore[j] = Dot<L>(dOutput[i], value[j], padded);
                    ScoreGradient<L>((pair * queries + i) * keys, dScore, dropped + i * paddedKeys, visible);
                    WeightedSum<L>(dScore, 1, key, 0, visible, dQuery[i], width, AccumulateQuery);
                }

                for (long j = 0; j < keys; j++)
                {
                    // The first query that sees key j.
                    long i = Math.Max(0, j - (keys - queries));
                    WeightedSum<L>(dScores + i * paddedKeys + j, paddedKeys, query, i, queries - i, dKey[j], width, AccumulateKeyValue);
                    WeightedSum<L>(dropped + i * paddedKeys + j, paddedKeys, dOutput, i, queries - i, dValue[j], width, AccumulateKeyValue);
                }
            }
        }

        /// <summary>Turns a row of dOutput·vᵀ into the scaled gradient of the scores, in place, and writes dropout(P).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void ScoreGradient<L>(long index, float* dScore, float* dropped, long count)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            float* p = Probabilities + index;
            float scale = (float)(1 / Math.Sqrt(Width));
            long padded = PaddedRows.PadTo16(count);
            for (long j = 0; j < padded; j++)
            {
                dropped[j] = j < count ? p[j] : 0;
                dScore[j] = j < count ? dScore[j] : 0;
            }

            // dropped holds P until the second loop.
            L weighted = default;
            for (long j = 0; j < padded; j += 16)
            {
                L dProbability = dropout.Apply(L.Load(dScore + j), index + j);
                L.Store(dProbability, dScore + j);
                weighted = L.Fma(L.Load(dropped + j), dProbability, weighted);
            }

            float sum = L.Sum(weighted);
            for (long j = 0; j < padded; j += 16)
            {
                L probability = L.Load(dropped + j);
                L.Store(probability * L.Create(scale) * (L.Load(dScore + j) - L.Create(sum)), dScore + j);
                L.Store(dropout.Apply(probability, index + j), dropped + j);
            }
        }
    }
}
