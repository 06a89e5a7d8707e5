using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    /// <summary>Components summed in float before a sum goes on in double.</summary>
    private const int VectorLossBlock = 1024;

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
            Padding = Padding(raw.Columns, VectorLossForwardKernel.PaddedSlots),
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

    private struct VectorLossForwardKernel : IHostKernel
    {
        public const int PaddedSlots = 3;
        public float* Raw, Target, Context, Statistics, Padding;
        public int Batch, Columns, Slots;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            var rows = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* raw = rows.In(Raw + b * columns, 0), target = rows.In(Target + b * columns, 1);
                float* statistics = Statistics + b * LossStatistics.Columns(Slots);
                (double rawTarget, double targetSquared) = Products<L>(raw, target, padded);
                statistics[LossStatistics.RawTarget] = (float)rawTarget;
                statistics[LossStatistics.TargetSquared] = (float)targetSquared;
                (double squaredError, double rawSquared) = Errors<L>(raw, target, padded);
                statistics[LossStatistics.SquaredError] = (float)squaredError;
                statistics[LossStatistics.RawSquared] = (float)rawSquared;
                for (int slot = 0; slot < Slots; slot++)
                {
                    float* context = rows.In(Context + (b * Slots + slot) * columns, 2);
                    (double rawContext, double contextSquared) = Products<L>(raw, context, padded);
                    statistics[LossStatistics.RawContext(slot)] = (float)rawContext;
                    statistics[LossStatistics.ContextSquared(slot)] = (float)contextSquared;
                }
            }
        }

        /// <summary>x·y and y·y.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static (double Product, double Squares) Products<L>(float* x, float* y, long count)
            where L : unmanaged, ILanes16<L>
        {
            double product = 0, squares = 0;
            for (long block = 0; block < count; block += VectorLossBlock)
            {
                long end = Math.Min(count, block + VectorLossBlock);
                L products = default, square = default;
                for (long c = block; c < end; c += 16)
                {
                    L b = L.Load(y + c);
                    products = L.Fma(L.Load(x + c), b, products);
                    square = L.Fma(b, b, square);
                }

                product += L.Sum(products);
                squares += L.Sum(square);
            }

            return (product, squares);
        }

        /// <summary>Σ (x − y)² and x·x.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static (double Error, double Squares) Errors<L>(float* x, float* y, long count)
            where L : unmanaged, ILanes16<L>
        {
            double error = 0, squares = 0;
            for (long block = 0; block < count; block += VectorLossBlock)
            {
                long end = Math.Min(count, block + VectorLossBlock);
                L errors = default, square = default;
                for (long c = block; c < end; c += 16)
                {
                    L a = L.Load(x + c), difference = a - L.Load(y + c);
                    errors = L.Fma(difference, difference, errors);
                    square = L.Fma(a, a, square);
                }

                error += L.Sum(errors);
                squares += L.Sum(square);
            }

            return (error, squares);
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
