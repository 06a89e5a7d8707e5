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
            Padding = Padding(x.Columns, DropoutResidualLayerNormForwardKernel.PaddedSlots),
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
                Padding = Padding(sum.Columns, DropoutResidualLayerNormBackwardKernel.PaddedSlots),
            },
            (long)sum.Rows * sum.Columns);
        LayerNormParametersBackward(dY, sum, mean, rstd, dGamma, dBeta, accumulateParameters);
    }

    private struct DropoutResidualLayerNormForwardKernel : IHostKernel
    {
        public const int PaddedSlots = 6;
        public float* X, Residual, Gamma, Beta, Sum, Y, Mean, Rstd, Padding;
        public int Rows, Columns;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            var row = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            float* gamma = row.In(Gamma, 0), beta = row.In(Beta, 1);
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                long first = r * columns;
                float* x = row.In(X + first, 2), residual = row.In(Residual + first, 3), sum = row.Out(Sum + first, 4), y = row.Out(Y + first, 5);
                L total = default;
                for (long c = 0; c < padded; c += 16)
                {
                    L added = L.Load(residual + c) + dropout.Apply(L.Load(x + c), first + c);
                    total += added;
                    L.Store(added, sum + c);
                }

                (Mean[r], Rstd[r]) = NormalizeRow<L>(sum, L.Sum(total), gamma, beta, y, columns, padded);
                row.Commit(Sum + first, 4);
                row.Commit(Y + first, 5);
            }
        }
    }

    private struct DropoutResidualLayerNormBackwardKernel : IHostKernel
    {
        public const int PaddedSlots = 5;
        public float* DY, Sum, Gamma, Mean, Rstd, DX, DResidual, Padding;
        public int Rows, Columns;
        public bool AccumulateX, AccumulateResidual;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            (bool accumulateX, bool accumulateResidual) = (AccumulateX, AccumulateResidual);
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            var row = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            float* gamma = row.In(Gamma, 0);
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                long first = r * columns;
                float mean = Mean[r], rstd = Rstd[r];
                float* dY = row.In(DY + first, 1), sum = row.In(Sum + first, 2), dX = row.In(DX + first, 3), dResidual = row.In(DResidual + first, 4);
                (float meanG, float meanGX) = GradientMeans<L>(dY, sum, gamma, mean, rstd, columns, padded);
                for (long c = 0; c < padded; c += 16)
                {
                    L gradient = NormalGradient(L.Load(dY + c), L.Load(sum + c), L.Load(gamma + c), mean, rstd, meanG, meanGX);
                    Put(gradient, dResidual + c, accumulateResidual);
                    Put(dropout.Apply(gradient, first + c), dX + c, accumulateX);
                }

                row.Commit(DX + first, 3);
                row.Commit(DResidual + first, 4);
            }
        }
    }
}
