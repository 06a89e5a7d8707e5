using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    private readonly Scratch _attentionRows = new();

    public void AttentionForward(
        AttentionShape shape, MatrixView query, MatrixView key, MatrixView value, MatrixView output, View probabilities, Dropout dropout)
    {
        long padded = PaddedKeys(shape);
        Run(
            new AttentionForwardKernel
            {
                Shape = shape,
                Width = query.Columns / shape.Heads,
                Query = Pointer(query),
                QueryStride = query.Stride,
                Key = Pointer(key),
                KeyStride = key.Stride,
                Value = Pointer(value),
                ValueStride = value.Stride,
                Output = Pointer(output),
                OutputStride = output.Stride,
                Probabilities = Pointer(probabilities),
                Dropout = new DropoutLanes(dropout),
                Scratch = _attentionRows.Floats(Threads * padded),
                Padded = padded,
            },
            2L * shape.KeyLength * query.Rows * query.Columns);
    }

    public void AttentionBackward(
        AttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, View probabilities,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, MatrixView dValue, bool accumulateKeyValue, Dropout dropout)
    {
        long padded = PaddedKeys(shape);
        Run(
            new AttentionBackwardKernel
            {
                Shape = shape,
                Width = query.Columns / shape.Heads,
                DOutput = Pointer(dOutput),
                DOutputStride = dOutput.Stride,
                Query = Pointer(query),
                QueryStride = query.Stride,
                Key = Pointer(key),
                KeyStride = key.Stride,
                Value = Pointer(value),
                ValueStride = value.Stride,
                Probabilities = Pointer(probabilities),
                DQuery = Pointer(dQuery),
                DQueryStride = dQuery.Stride,
                AccumulateQuery = accumulateQuery,
                DKey = Pointer(dKey),
                DKeyStride = dKey.Stride,
                DValue = Pointer(dValue),
                DValueStride = dValue.Stride,
                AccumulateKeyValue = accumulateKeyValue,
                Dropout = new DropoutLanes(dropout),
                Scratch = _attentionRows.Floats(2 * Threads * shape.QueryLength * padded),
                Padded = padded,
            },
            4L * shape.KeyLength * query.Rows * query.Columns);
    }

    private static long PaddedKeys(AttentionShape shape) => (shape.KeyLength + 15L) / 16 * 16;

    /// <summary>a·b of one head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot<L>(float* a, float* b, long width, float* buffer)
        where L : unmanaged, ILanes16<L>
    {
        L sum = default;
        for (long c = 0; c < width; c += 16)
            sum = L.Fma(Part.Load<L>(a + c, width - c, buffer), Part.Load<L>(b + c, width - c, buffer), sum);
        return L.Sum(sum);
    }

    /// <summary>destination (+)= Σⱼ weights[j·step]·rows[j] of one head.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightedSum<L>(
        float* weights, long step, float* rows, long stride, long count, float* destination, long width, float* buffer, bool accumulate)
        where L : unmanaged, ILanes16<L>
    {
        for (long c = 0; c < width; c += 16)
        {
            L sum = default;
            for (long j = 0; j < count; j++)
                sum = L.Fma(L.Create(weights[j * step]), Part.Load<L>(rows + j * stride + c, width - c, buffer), sum);
            Part.Store(sum, destination + c, width - c, buffer, accumulate);
        }
    }

    /// <summary>Ones in the lanes before <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L LanesBefore<L>(long count)
        where L : unmanaged, ILanes16<L> => count >= 16
            ? L.AtLeastBits(L.LaneBits, L.LaneBits)
            : L.AtLeastBits(L.CreateBits((uint)count - 1), L.LaneBits);

    private struct AttentionForwardKernel : IHostKernel
    {
        public AttentionShape Shape;
        public long Width, Padded;
        public float* Query, Key, Value, Output, Probabilities, Scratch;
        public long QueryStride, KeyStride, ValueStride, OutputStride;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            float* row = Scratch + worker * Padded;
            (long width, long queries, long keys, DropoutLanes dropout) = (Width, Shape.QueryLength, Shape.KeyLength, Dropout);
            float scale = (float)(1 / Math.Sqrt(width));
            Partition pairs = Partition.Of((long)Shape.Batch * Shape.Heads, worker, workers);
            for (long pair = pairs.Start; pair < pairs.End; pair++)
            {
                (long b, long column) = (pair / Shape.Heads, pair % Shape.Heads * width);
                float* key = Key + b * keys * KeyStride + column, value = Value + b * keys * ValueStride + column;
                for (long i = 0; i < queries; i++)
                {
                    (long visible, long first) = (keys - queries + i + 1, (pair * queries + i) * keys);
                    float* query = Query + (b * queries + i) * QueryStride + column;
                    for (long j = 0; j < visible; j++)
                        row[j] = scale * Dot<L>(query, key + j * KeyStride, width, buffer);
                    SoftMax<L>(row, visible, buffer);
                    for (long j = 0; j < keys; j += 16)
                    {
                        L p = j < visible ? L.Load(row + j) : default;
                        Part.Store(p, Probabilities + first + j, keys - j, buffer);
                        L.Store(dropout.Apply(p, first + j), row + j);
                    }

                    WeightedSum<L>(
                        row, 1, value, ValueStride, visible, Output + (b * queries + i) * OutputStride + column, width, buffer, accumulate: false);
                }
            }
        }

        /// <summary>In place; the lanes after the last element become 0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void SoftMax<L>(float* row, long count, float* buffer)
            where L : unmanaged, ILanes16<L>
        {
            L largest = L.Create(float.NegativeInfinity), sum = default;
            for (long j = 0; j < count; j += 16)
                largest = L.Max(largest, Part.Load<L>(row + j, count - j, buffer, fill: float.NegativeInfinity));
            L maximum = L.Create(L.Maximum(largest));
            for (long j = 0; j < count; j += 16)
            {
                L e = LaneMath.Exp(L.Load(row + j) - maximum) & LanesBefore<L>(count - j);
                L.Store(e, row + j);
                sum += e;
            }

            L inverse = L.Create(1 / L.Sum(sum));
            for (long j = 0; j < count; j += 16)
                L.Store(L.Load(row + j) * inverse, row + j);
        }
    }

    private struct AttentionBackwardKernel : IHostKernel
    {
        public AttentionShape Shape;
        public long Width, Padded;
        public float* DOutput, Query, Key, Value, Probabilities, DQuery, DKey, DValue, Scratch;
        public long DOutputStride, QueryStride, KeyStride, ValueStride, DQueryStride, DKeyStride, DValueStride;
        public bool AccumulateQuery, AccumulateKeyValue;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            (long width, long queries, long keys, long padded, DropoutLanes dropout) = (Width, Shape.QueryLength, Shape.KeyLength, Padded, Dropout);
            float* dScores = Scratch + 2 * worker * queries * padded, dropped = dScores + queries * padded;
            float scale = (float)(1 / Math.Sqrt(width));
            Partition pairs = Partition.Of((long)Shape.Batch * Shape.Heads, worker, workers);
            for (long pair = pairs.Start; pair < pairs.End; pair++)
            {
                (long b, long column) = (pair / Shape.Heads, pair % Shape.Heads * width);
                float* query = Query + b * queries * QueryStride + column, dOutput = DOutput + b * queries * DOutputStride + column;
                float* key = Key + b * keys * KeyStride + column, value = Value + b * keys * ValueStride + column;
                for (long i = 0; i < queries; i++)
                {
                    (long visible, long first) = (keys - queries + i + 1, (pair * queries + i) * keys);
                    float* dScore = dScores + i * padded;
                    for (long j = 0; j < visible; j++)
                        dScore[j] = Dot<L>(dOutput + i * DOutputStride, value + j * ValueStride, width, buffer);
                    ScoreGradient<L>(Probabilities + first, dScore, dropped + i * padded, visible, first, scale, dropout, buffer);
                    WeightedSum<L>(
                        dScore, 1, key, KeyStride, visible, DQuery + (b * queries + i) * DQueryStride + column, width, buffer, AccumulateQuery);
                }

                for (long j = 0; j < keys; j++)
                {
                    // The first query that sees key j.
                    long i = Math.Max(0, j - (keys - queries)), seen = queries - i;
                    WeightedSum<L>(
                        dScores + i * padded + j, padded, query + i * QueryStride, QueryStride, seen,
                        DKey + (b * keys + j) * DKeyStride + column, width, buffer, AccumulateKeyValue);
                    WeightedSum<L>(
                        dropped + i * padded + j, padded, dOutput + i * DOutputStride, DOutputStride, seen,
                        DValue + (b * keys + j) * DValueStride + column, width, buffer, AccumulateKeyValue);
                }
            }
        }

        /// <summary>Turns a row of dOutput·vᵀ into the scaled gradient of the scores, in place, and writes dropout(P).</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void ScoreGradient<L>(
            float* p, float* dScore, float* dropped, long count, long index, float scale, DropoutLanes dropout, float* buffer)
            where L : unmanaged, ILanes16<L>
        {
            L weighted = default;
            for (long j = 0; j < count; j += 16)
            {
                L probability = Part.Load<L>(p + j, count - j, buffer);
                L dProbability = dropout.Apply(Part.Load<L>(dScore + j, count - j, buffer), index + j);
                L.Store(dropout.Apply(probability, index + j), dropped + j);
                L.Store(dProbability, dScore + j);
                weighted = L.Fma(probability, dProbability, weighted);
            }

            L sum = L.Create(L.Sum(weighted));
            for (long j = 0; j < count; j += 16)
            {
                L probability = Part.Load<L>(p + j, count - j, buffer) * L.Create(scale);
                L.Store(probability * (L.Load(dScore + j) - sum), dScore + j);
            }
        }
    }
}
