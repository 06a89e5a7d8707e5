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
            },
            (long)raw.Rows * raw.Columns);
    }

    private struct VectorLossForwardKernel : IHostKernel
    {
        public float* Raw, Target, Context, Statistics;
        public int Batch, Columns, Slots;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            (long columns, int slots) = (Columns, Slots);
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* raw = Raw + b * columns, target = Target + b * columns, statistics = Statistics + b * LossStatistics.Columns(slots);
                (double rawTarget, double targetSquared) = Products<L>(raw, target, columns);
                statistics[LossStatistics.RawTarget] = (float)rawTarget;
                statistics[LossStatistics.TargetSquared] = (float)targetSquared;
                (double squaredError, double rawSquared) = Errors<L>(raw, target, columns);
                statistics[LossStatistics.SquaredError] = (float)squaredError;
                statistics[LossStatistics.RawSquared] = (float)rawSquared;
                for (int slot = 0; slot < slots; slot++)
                {
                    (double rawContext, double contextSquared) = Products<L>(raw, Context + (b * slots + slot) * columns, columns);
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
            float* buffer = stackalloc float[16];
            double product = 0, squares = 0;
            for (long block = 0; block < count; block += VectorLossBlock)
            {
                long end = Math.Min(count, block + VectorLossBlock);
                L products = default, square = default;
                for (long c = block; c < end; c += 16)
                {
                    L b = Part.Load<L>(y + c, end - c, buffer);
                    products = L.Fma(Part.Load<L>(x + c, end - c, buffer), b, products);
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
            float* buffer = stackalloc float[16];
            double error = 0, squares = 0;
            for (long block = 0; block < count; block += VectorLossBlock)
            {
                long end = Math.Min(count, block + VectorLossBlock);
                L errors = default, square = default;
                for (long c = block; c < end; c += 16)
                {
                    L a = Part.Load<L>(x + c, end - c, buffer), difference = a - Part.Load<L>(y + c, end - c, buffer);
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
        public float* Raw, Target, Negative, Coefficients, DRaw;
        public int Batch, Columns;
        public long NegativeStride;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            (long columns, bool accumulate) = (Columns, Accumulate);
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* raw = Raw + b * columns, target = Target + b * columns, negative = Negative + b * NegativeStride;
                float* factors = Coefficients + b * LossCoefficients.Columns, dRaw = DRaw + b * columns;
                L onError = L.Create(factors[LossCoefficients.Error]), onTarget = L.Create(factors[LossCoefficients.Target]);
                L onNegative = L.Create(factors[LossCoefficients.Negative]), onRaw = L.Create(factors[LossCoefficients.Raw]);
                for (long c = 0; c < columns; c += 16)
                {
                    long rest = columns - c;
                    L x = Part.Load<L>(raw + c, rest, buffer), t = Part.Load<L>(target + c, rest, buffer);
                    L gradient = L.Fma(onTarget, t, onError * (x - t));
                    gradient = L.Fma(onNegative, Part.Load<L>(negative + c, rest, buffer), gradient);
                    Part.Store(L.Fma(onRaw, x, gradient), dRaw + c, rest, buffer, accumulate);
                }
            }
        }
    }
}
