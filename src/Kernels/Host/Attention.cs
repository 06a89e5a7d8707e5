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
        long width = query.Columns / shape.Heads;
        long scratch = BlockOf(shape) + PaddingOf(width, shape.QueryLength + 2L * shape.KeyLength);
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
                Causal = true,
                Scale = ScoreScale(width),
                Scratch = _attention.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            2L * shape.KeyLength * query.Rows * query.Columns);
    }

    public void AttentionBackward(
        AttentionShape shape, MatrixView dOutput, MatrixView query, MatrixView key, MatrixView value, View probabilities,
        MatrixView dQuery, bool accumulateQuery, MatrixView dKey, MatrixView dValue, bool accumulateKeyValue, Dropout dropout)
    {
        long width = query.Columns / shape.Heads;
        long scratch = 2 * BlockOf(shape) + PaddingOf(width, 2L * shape.QueryLength + 2L * shape.KeyLength);
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
                AccumulateKey = accumulateKeyValue,
                AccumulateValue = accumulateKeyValue,
                Dropout = new DropoutLanes(dropout),
                Causal = true,
                Scale = ScoreScale(width),
                Scratch = _attention.Floats(Threads * scratch),
                ScratchPerWorker = scratch,
            },
            4L * shape.KeyLength * query.Rows * query.Columns);
    }

    /// <summary>Elements of the [Tq,Tk] block of one sample and head with what <see cref="Dots"/> writes behind it, rounded up to whole sixteens.</summary>
    private static long BlockOf(AttentionShape shape) => PaddedRows.PadTo16((long)shape.QueryLength * shape.KeyLength + 3);

    /// <summary>1/√dh</summary>
    private static float ScoreScale(long headWidth) => (float)(1 / Math.Sqrt(headWidth));

    private static long PaddingOf(long width, long rows) => width % 16 == 0 ? 0 : rows * PaddedRows.PadTo16(width);

    /// <summary>products[j] = a·rows[j] over a multiple of 16 elements; up to three more products are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dots<L>(float* a, HeadRows rows, long count, long padded, float* products)
        where L : unmanaged, ILanes16<L>
    {
        long last = count - 1;
        for (long j = 0; j < count; j += 4)
        {
            float* r0 = rows[j], r1 = rows[Math.Min(j + 1, last)], r2 = rows[Math.Min(j + 2, last)], r3 = rows[Math.Min(j + 3, last)];
            L x = L.Load(a), s0 = x * L.Load(r0), s1 = x * L.Load(r1), s2 = x * L.Load(r2), s3 = x * L.Load(r3);
            for (long c = 16; c < padded; c += 16)
            {
                x = L.Load(a + c);
                s0 = L.Fma(x, L.Load(r0 + c), s0);
                s1 = L.Fma(x, L.Load(r1 + c), s1);
                s2 = L.Fma(x, L.Load(r2 + c), s2);
                s3 = L.Fma(x, L.Load(r3 + c), s3);
            }

            L.StoreSums(s0, s1, s2, s3, products + j);
        }
    }

    /// <summary>destination (+)= Σⱼ weights[j·step]·rows[j]; the rows are padded, the destination need not be.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightedSum<L>(float* weights, long step, HeadRows rows, long count, float* destination, long width, bool accumulate)
        where L : unmanaged, ILanes16<L>
    {
        long c = 0;
        for (; c + 32 <= width; c += 32)
        {
            L sum0 = default, sum1 = default;
            for (long j = 0; j < count; j++)
            {
                L weight = L.Create(weights[j * step]);
                sum0 = L.Fma(weight, L.Load(rows[j] + c), sum0);
                sum1 = L.Fma(weight, L.Load(rows[j] + c + 16), sum1);
            }

            Put(sum0, destination + c, accumulate);
            Put(sum1, destination + c + 16, accumulate);
        }

        if (c < width)
            WeightedSumTail<L>(weights, step, rows, count, destination, c, width, accumulate);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WeightedSumTail<L>(
        float* weights, long step, HeadRows rows, long count, float* destination, long c, long width, bool accumulate)
        where L : unmanaged, ILanes16<L>
    {
        float* tail = stackalloc float[16];
        for (; c < width; c += 16)
        {
            L sum = default;
            for (long j = 0; j < count; j++)
                sum = L.Fma(L.Create(weights[j * step]), L.Load(rows[j] + c), sum);
            L.Store(sum, tail);
            for (long k = 0; k < Math.Min(16, width - c); k++)
                destination[c + k] = accumulate ? destination[c + k] + tail[k] : tail[k];
        }
    }

    private struct AttentionForwardKernel : IHostKernel
    {
        public AttentionShape Shape;
        public long Width, ScratchPerWorker;
        public HeadRows Query, Key, Value, Output;
        public float* Probabilities, Scratch;

        /// <summary>Null, or where the sum of each query's dropout(P) goes.</summary>
        public float* Mass;
        public float Scale;

        /// <summary>False where every query sees all keys.</summary>
        public bool Causal;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, queries = Shape.QueryLength, keys = Shape.KeyLength;
            float* block = Scratch + worker * ScratchPerWorker;
            Partition pairs = Partition.Of((long)Shape.Batch * Shape.Heads, worker, workers);
            for (long pair = pairs.Start; pair < pairs.End; pair++)
            {
                long b = pair / Shape.Heads, column = pair % Shape.Heads * width;
                float* padding = block + BlockOf(Shape);
                HeadRows query = Query.From(b * queries, column).Padded(queries, width, ref padding);
                HeadRows key = Key.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows value = Value.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows output = Output.From(b * queries, column);
                if (pair + 1 < pairs.End)
                    Prefetch(pair + 1);
                Scores<L>(query, key, block);
                SoftMax<L>(block, pair * queries * keys);
                if (Mass != null)
                    SumRows(block, Mass + pair * queries);
                for (long i = 0; i < queries; i++)
                    WeightedSum<L>(block + i * keys, 1, value, Visible(i), output[i], width, accumulate: false);
            }
        }

        private readonly long Visible(long i) => Causal ? Shape.KeyLength - Shape.QueryLength + i + 1 : Shape.KeyLength;

        private readonly void SumRows(float* block, float* sums)
        {
            for (long i = 0; i < Shape.QueryLength; i++)
            {
                float sum = 0;
                for (long j = 0; j < Visible(i); j++)
                    sum += block[i * Shape.KeyLength + j];
                sums[i] = sum;
            }
        }

        /// <summary>Asks for what a sample and head reads and writes, while the one before it is computed.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Prefetch(long pair)
        {
            long b = pair / Shape.Heads, column = pair % Shape.Heads * Width;
            Query.From(b * Shape.QueryLength, column).Prefetch(Shape.QueryLength, Width);
            Key.From(b * Shape.KeyLength, column).Prefetch(Shape.KeyLength, Width);
            Value.From(b * Shape.KeyLength, column).Prefetch(Shape.KeyLength, Width);
            Output.From(b * Shape.QueryLength, column).Prefetch(Shape.QueryLength, Width);
        }

        /// <summary>q·k/√dh less the maximum of its row; −∞ where masked and behind the end.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Scores<L>(HeadRows query, HeadRows key, float* block)
            where L : unmanaged, ILanes16<L>
        {
            long padded = PaddedRows.PadTo16(Width), queries = Shape.QueryLength, keys = Shape.KeyLength;
            float scale = Scale;
            for (long i = 0; i < queries; i++)
            {
                long visible = Visible(i);
                float* row = block + i * keys, q = query[i];
                float maximum = float.NegativeInfinity;
                Dots<L>(q, key, visible, padded, row);
                for (long j = 0; j < visible; j++)
                {
                    row[j] *= scale;
                    maximum = row[j] > maximum ? row[j] : maximum;
                }

                for (long j = 0; j < keys; j++)
                    row[j] = j < visible ? row[j] - maximum : float.NegativeInfinity;
            }

            for (long j = queries * keys, end = PaddedRows.PadTo16(j); j < end; j++)
                block[j] = float.NegativeInfinity;
        }

        /// <summary>Writes the probabilities of a block of scores, and leaves dropout(P) in it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void SoftMax<L>(float* block, long index)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            long queries = Shape.QueryLength, keys = Shape.KeyLength, count = queries * keys;

            // Rows share vectors here: a row of five alone would leave two thirds of the lanes idle.
            for (long j = 0; j < count; j += 16)
                L.Store(LaneMath.Exp(L.Load(block + j)), block + j);
            float* p = Probabilities + index;
            for (long i = 0; i < queries; i++)
            {
                long visible = Visible(i);
                float* row = block + i * keys;
                float sum = 0;
                for (long j = 0; j < visible; j++)
                    sum += row[j];
                float inverse = 1 / sum;
                for (long j = 0; j < keys; j++)
                    p[i * keys + j] = row[j] = j < visible ? row[j] * inverse : 0;
            }

            for (long j = 0; j < count; j += 16)
                L.Store(dropout.Apply(L.Load(block + j), index + j), block + j);
        }
    }

    private struct AttentionBackwardKernel : IHostKernel
    {
        public AttentionShape Shape;
        public long Width, ScratchPerWorker;
        public HeadRows DOutput, Query, Key, Value, DQuery, DKey, DValue;
        public float* Probabilities, Scratch;

        /// <summary>Null, or the gradient of the sum of each query's dropout(P).</summary>
        public float* DMass;
        public float Scale;

        /// <summary>False where every query sees all keys.</summary>
        public bool Causal;
        public bool AccumulateQuery, AccumulateKey, AccumulateValue;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, queries = Shape.QueryLength, keys = Shape.KeyLength;
            float* dScores = Scratch + worker * ScratchPerWorker, dropped = dScores + BlockOf(Shape);
            Partition pairs = Partition.Of((long)Shape.Batch * Shape.Heads, worker, workers);
            for (long pair = pairs.Start; pair < pairs.End; pair++)
            {
                long b = pair / Shape.Heads, column = pair % Shape.Heads * width;
                float* padding = dropped + BlockOf(Shape);
                HeadRows dOutput = DOutput.From(b * queries, column).Padded(queries, width, ref padding);
                HeadRows query = Query.From(b * queries, column).Padded(queries, width, ref padding);
                HeadRows key = Key.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows value = Value.From(b * keys, column).Padded(keys, width, ref padding);
                HeadRows dQuery = DQuery.From(b * queries, column), dKey = DKey.From(b * keys, column), dValue = DValue.From(b * keys, column);
                if (pair + 1 < pairs.End)
                    Prefetch(pair + 1);
                ScoreGradients<L>(dOutput, value, dScores, dropped, pair * queries * keys);
                for (long j = 0; j < keys; j++)
                {
                    // The first query that sees key j.
                    long i = Causal ? Math.Max(0, j - (keys - queries)) : 0;
                    WeightedSum<L>(dScores + i * keys + j, keys, query.From(i, 0), queries - i, dKey[j], width, AccumulateKey);
                    WeightedSum<L>(dropped + i * keys + j, keys, dOutput.From(i, 0), queries - i, dValue[j], width, AccumulateValue);
                }

                // Last: dQuery may stand where dOutput does.
                for (long i = 0; i < queries; i++)
                    WeightedSum<L>(dScores + i * keys, 1, key, Visible(i), dQuery[i], width, AccumulateQuery);
            }
        }

        private readonly long Visible(long i) => Causal ? Shape.KeyLength - Shape.QueryLength + i + 1 : Shape.KeyLength;

        /// <summary>Asks for what a sample and head reads and writes, while the one before it is computed.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Prefetch(long pair)
        {
            long b = pair / Shape.Heads, column = pair % Shape.Heads * Width;
            DOutput.From(b * Shape.QueryLength, column).Prefetch(Shape.QueryLength, Width);
            Query.From(b * Shape.QueryLength, column).Prefetch(Shape.QueryLength, Width);
            Key.From(b * Shape.KeyLength, column).Prefetch(Shape.KeyLength, Width);
            Value.From(b * Shape.KeyLength, column).Prefetch(Shape.KeyLength, Width);
            DQuery.From(b * Shape.QueryLength, column).Prefetch(Shape.QueryLength, Width);
            DKey.From(b * Shape.KeyLength, column).Prefetch(Shape.KeyLength, Width);
            DValue.From(b * Shape.KeyLength, column).Prefetch(Shape.KeyLength, Width);
        }

        /// <summary>The gradient of a block's q·k, and its dropout(P).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void ScoreGradients<L>(HeadRows dOutput, HeadRows value, float* dScores, float* dropped, long index)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            float* p = Probabilities + index;
            long padded = PaddedRows.PadTo16(Width), queries = Shape.QueryLength, keys = Shape.KeyLength, count = queries * keys;
            for (long i = 0; i < queries; i++)
            {
                Dots<L>(dOutput[i], value, Visible(i), padded, dScores + i * keys);
                if (DMass == null)
                    continue;
                float dMass = DMass[index / keys + i];
                for (long j = 0; j < Visible(i); j++)
                    dScores[i * keys + j] += dMass;
            }

            for (long j = 0; j < count; j++)
                dropped[j] = p[j];
            for (long j = 0; j < count; j += 16)
            {
                L.Store(dropout.Apply(L.Load(dScores + j), index + j), dScores + j);
                L.Store(dropout.Apply(L.Load(dropped + j), index + j), dropped + j);
            }

            float scale = Scale;
            for (long i = 0; i < queries; i++)
            {
                long visible = Visible(i);
                float* dScore = dScores + i * keys, probability = p + i * keys;
                float weighted = 0;
                for (long j = 0; j < visible; j++)
                    weighted += probability[j] * dScore[j];
                for (long j = 0; j < visible; j++)
                    dScore[j] = scale * probability[j] * (dScore[j] - weighted);
            }
        }
    }
}
