using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void TakeLastForward(MatrixView x, MatrixView y)
    {
        int length = x.Rows / y.Rows;
        Run(
            new AddRowsKernel
            {
                X = Pointer(x) + (long)(length - 1) * x.Stride,
                Y = Pointer(y),
                Rows = y.Rows,
                Columns = y.Columns,
                XStride = (long)length * x.Stride,
                YStride = y.Stride,
            },
            (long)y.Rows * y.Columns);
    }

    public void TakeLastBackward(MatrixView dY, MatrixView dX, bool accumulate) => Run(
        new TakeLastBackwardKernel
        {
            DY = Pointer(dY),
            DX = Pointer(dX),
            Batch = dY.Rows,
            Length = dX.Rows / dY.Rows,
            Columns = dY.Columns,
            Accumulate = accumulate,
        },
        (long)dX.Rows * dX.Columns);

    private struct TakeLastBackwardKernel : IHostKernel
    {
        public float* DY, DX;
        public int Batch, Length, Columns;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            (long columns, long before, bool accumulate) = (Columns, (Length - 1L) * Columns, Accumulate);
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* dY = DY + b * columns, dX = DX + b * (before + columns);
                for (long c = 0; c < before && !accumulate; c += 16)
                    Part.Store(default(L), dX + c, before - c, buffer);
                for (long c = 0; c < columns; c += 16)
                    Part.Store(Part.Load<L>(dY + c, columns - c, buffer), dX + before + c, columns - c, buffer, accumulate);
            }
        }
    }
}
