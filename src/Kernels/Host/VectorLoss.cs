using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void VectorLossForward(MatrixView raw, MatrixView target, MatrixView context, MatrixView statistics) => Run(
        new VectorLossForwardKernel
        {
            Raw = Pointer(raw),
            Target = Pointer(target),
            Context = Pointer(context),
            Statistics = Pointer(statistics),
            Batch = raw.Rows,
            Columns = raw.Columns,
            Slots = context.Rows / raw.Rows,
        },
        2L * context.Rows * context.Columns);

    public void VectorLossBackward(
        MatrixView raw, MatrixView target, MatrixView context, int slot, MatrixView coefficients, MatrixView dRaw, bool accumulate)
    {
        int slots = context.Rows / raw.Rows;
        Run(
            new VectorLossBackwardKernel
            {
                Raw = Pointer(raw),
                Target = Pointer(target),
                Negative = Pointer(context) + (long)slot * context.Columns,
                Coefficients = Pointer(coefficients),
                DRaw = Pointer(dRaw),
                Batch = raw.Rows,
                Columns = raw.Columns,
                NegativeStride = (long)slots * context.Columns,
                Accumulate = accumulate,
                Padding = Padding(raw.Columns, VectorLossBackwardKernel.PaddedSlots),
            },
            (long)raw.Rows * raw.Columns);
    }

    /// <summary>
    /// All sums in double: a cosine near 0 is what is left of terms that cancel, and the ratio of two such cosines goes into every gradient.
    /// Four chains in a fixed order; at some twenty products a sample the width does not matter.
    /// </summary>
    private struct VectorLossForwardKernel : IHostKernel
    {
        public float* Raw, Target, Context, Statistics;
        public int Batch, Columns, Slots;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns;
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* raw = Raw + b * columns, target = Target + b * columns;
                float* statistics = Statistics + b * LossStatistics.Columns(Slots);
                (double rawTarget, double targetSquared) = Products(raw, target, columns);
                statistics[LossStatistics.RawTarget] = (float)rawTarget;
                statistics[LossStatistics.TargetSquared] = (float)targetSquared;
                (_, double rawSquared) = Products(raw, raw, columns);
                statistics[LossStatistics.RawSquared] = (float)rawSquared;
                statistics[LossStatistics.SquaredError] = (float)SquaredError(raw, target, columns);
                for (int slot = 0; slot < Slots; slot++)
                {
                    (double rawContext, double contextSquared) = Products(raw, Context + (b * Slots + slot) * columns, columns);
                    statistics[LossStatistics.RawContext(slot)] = (float)rawContext;
                    statistics[LossStatistics.ContextSquared(slot)] = (float)contextSquared;
                    statistics[LossStatistics.TargetContext(slot)] = (float)Product(target, Context + (b * Slots + slot) * columns, columns);
                }
            }
        }

        /// <summary>x·y and y·y.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static (double Product, double Squares) Products(float* x, float* y, long count)
        {
            double p0 = 0, p1 = 0, p2 = 0, p3 = 0, s0 = 0, s1 = 0, s2 = 0, s3 = 0;
            long c = 0;
            for (; c + 4 <= count; c += 4)
            {
                double y0 = y[c], y1 = y[c + 1], y2 = y[c + 2], y3 = y[c + 3];
                p0 += x[c] * y0;
                p1 += x[c + 1] * y1;
                p2 += x[c + 2] * y2;
                p3 += x[c + 3] * y3;
                s0 += y0 * y0;
                s1 += y1 * y1;
                s2 += y2 * y2;
                s3 += y3 * y3;
            }

            for (; c < count; c++)
            {
                p0 += (double)x[c] * y[c];
                s0 += (double)y[c] * y[c];
            }

            return (p0 + p1 + (p2 + p3), s0 + s1 + (s2 + s3));
        }

        /// <summary>x·y</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static double Product(float* x, float* y, long count)
        {
            double p0 = 0, p1 = 0, p2 = 0, p3 = 0;
            long c = 0;
            for (; c + 4 <= count; c += 4)
            {
                p0 += (double)x[c] * y[c];
                p1 += (double)x[c + 1] * y[c + 1];
                p2 += (double)x[c + 2] * y[c + 2];
                p3 += (double)x[c + 3] * y[c + 3];
            }

            for (; c < count; c++) p0 += (double)x[c] * y[c];
            return p0 + p1 + (p2 + p3);
        }

        /// <summary>Σ (x − y)²</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static double SquaredError(float* x, float* y, long count)
        {
            double e0 = 0, e1 = 0;
            long c = 0;
            for (; c + 2 <= count; c += 2)
            {
                double d0 = (double)x[c] - y[c], d1 = (double)x[c + 1] - y[c + 1];
                e0 += d0 * d0;
                e1 += d1 * d1;
            }

            for (; c < count; c++) e0 += ((double)x[c] - y[c]) * ((double)x[c] - y[c]);
            return e0 + e1;
        }
    }

    private struct VectorLossBackwardKernel : IHostKernel
    {
        public const int PaddedSlots = 4;
        public float* Raw, Target, Negative, Coefficients, DRaw, Padding;
        public int Batch, Columns;
        public long NegativeStride;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            bool accumulate = Accumulate;
            var rows = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* raw = rows.In(Raw + b * columns, 0), target = rows.In(Target + b * columns, 1);
                float* negative = rows.In(Negative + b * NegativeStride, 2), dRaw = rows.In(DRaw + b * columns, 3);
                float* factors = Coefficients + b * LossCoefficients.Columns;
                float onError = factors[LossCoefficients.Error], onTarget = factors[LossCoefficients.Target];
                float onNegative = factors[LossCoefficients.Negative], onRaw = factors[LossCoefficients.Raw];
                for (long c = 0; c < padded; c += 16)
                {
                    L x = L.Load(raw + c), t = L.Load(target + c);
                    L gradient = L.Fma(L.Create(onTarget), t, L.Create(onError) * (x - t));
                    gradient = L.Fma(L.Create(onNegative), L.Load(negative + c), gradient);
                    Put(L.Fma(L.Create(onRaw), x, gradient), dRaw + c, accumulate);
                }

                rows.Commit(DRaw + b * columns, 3);
            }
        }
    }
}
