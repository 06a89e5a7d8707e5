using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void DropoutResidualLayerNormForward(
        MatrixView x, MatrixView residual, View gamma, View beta, MatrixView sum, MatrixView y, View mean, View rstd, Dropout dropout) => Run(
        new DropoutResidualLayerNormForwardKernel
        {
            X = Pointer(x),
            Residual = Pointer(residual),
            Gamma = Pointer(gamma),
            Beta = Pointer(beta),
            Sum = Pointer(sum),
            Y = Pointer(y),
            Mean = Pointer(mean),
            Rstd = Pointer(rstd),
            Rows = x.Rows,
            Columns = x.Columns,
            Dropout = new DropoutLanes(dropout),
        },
        (long)x.Rows * x.Columns);

    public void DropoutResidualLayerNormBackward(
        MatrixView dY, MatrixView sum, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulateX, MatrixView dResidual, bool accumulateResidual,
        View dGamma, View dBeta, bool accumulateParameters, Dropout dropout)
    {
        Run(
            new DropoutResidualLayerNormBackwardKernel
            {
                DY = Pointer(dY),
                Sum = Pointer(sum),
                Gamma = Pointer(gamma),
                Mean = Pointer(mean),
                Rstd = Pointer(rstd),
                DX = Pointer(dX),
                DResidual = Pointer(dResidual),
                Rows = sum.Rows,
                Columns = sum.Columns,
                AccumulateX = accumulateX,
                AccumulateResidual = accumulateResidual,
                Dropout = new DropoutLanes(dropout),
            },
            (long)sum.Rows * sum.Columns);
        LayerNormParametersBackward(dY, sum, mean, rstd, dGamma, dBeta, accumulateParameters);
    }

    private struct DropoutResidualLayerNormForwardKernel : IHostKernel
    {
        public float* X, Residual, Gamma, Beta, Sum, Y, Mean, Rstd;
        public int Rows, Columns;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            float* gamma = Gamma, beta = Beta;
            long columns = Columns;
            DropoutLanes dropout = Dropout;
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                long first = r * columns;
                float* x = X + first, residual = Residual + first, sum = Sum + first;
                L total = default;
                for (long c = 0; c < columns; c += 16)
                {
                    // Lanes beyond the row hold zeros here: dropout keeps a zero a zero.
                    L added = Part.Load<L>(residual + c, columns - c, buffer)
                        + dropout.Apply(Part.Load<L>(x + c, columns - c, buffer), first + c);
                    total += added;
                    Part.Store(added, sum + c, columns - c, buffer);
                }

                (Mean[r], Rstd[r]) = NormalizeRow<L>(sum, L.Sum(total), gamma, beta, Y + first, columns, buffer);
            }
        }
    }

    private struct DropoutResidualLayerNormBackwardKernel : IHostKernel
    {
        public float* DY, Sum, Gamma, Mean, Rstd, DX, DResidual;
        public int Rows, Columns;
        public bool AccumulateX, AccumulateResidual;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            float* gamma = Gamma;
            long columns = Columns;
            DropoutLanes dropout = Dropout;
            (bool accumulateX, bool accumulateResidual) = (AccumulateX, AccumulateResidual);
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                (long first, float mean, float rstd) = (r * columns, Mean[r], Rstd[r]);
                float* dY = DY + first, sum = Sum + first, dX = DX + first, dResidual = DResidual + first;
                (float meanG, float meanGX) = GradientMeans<L>(dY, sum, gamma, mean, rstd, columns, buffer);
                for (long c = 0; c < columns; c += 16)
                {
                    long rest = columns - c;
                    L gradient = NormalGradient(
                        Part.Load<L>(dY + c, rest, buffer), Part.Load<L>(sum + c, rest, buffer), Part.Load<L>(gamma + c, rest, buffer),
                        mean, rstd, meanG, meanGX);
                    Part.Store(gradient, dResidual + c, rest, buffer, accumulateResidual);
                    Part.Store(dropout.Apply(gradient, first + c), dX + c, rest, buffer, accumulateX);
                }
            }
        }
    }
}
