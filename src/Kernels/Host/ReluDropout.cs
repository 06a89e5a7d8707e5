using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void ReluDropoutForward(MatrixView x, MatrixView y, Dropout dropout)
    {
        long count = (long)x.Rows * x.Columns;
        Run(new ReluDropoutForwardKernel { X = Pointer(x), Y = Pointer(y), Count = count, Dropout = new DropoutLanes(dropout) }, count);
    }

    public void ReluDropoutBackward(MatrixView dY, MatrixView y, MatrixView dX, Dropout dropout, bool accumulate)
    {
        long count = (long)y.Rows * y.Columns;
        Run(
            new ReluDropoutBackwardKernel
            {
                DY = Pointer(dY),
                Y = Pointer(y),
                DX = Pointer(dX),
                Count = count,
                Scale = dropout.Scale,
                Accumulate = accumulate,
            },
            count);
    }

    private struct ReluDropoutForwardKernel : IHostKernel
    {
        public float* X, Y;
        public long Count;
        public DropoutLanes Dropout;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            long whole = part.Start + (part.End - part.Start) / 16 * 16, rest = part.End - whole;
            Loop<L>(X + part.Start, Y + part.Start, whole - part.Start, part.Start);
            if (rest == 0)
                return;
            float* buffer = stackalloc float[32];
            var tail = new PaddedRows(buffer, rest);
            Loop<L>(tail.In(X + whole, 0), tail.Out(Y + whole, 1), 16, whole);
            tail.Commit(Y + whole, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Loop<L>(float* x, float* y, long count, long index)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            for (long i = 0; i < count; i += 16)
            {
                // The second operand of Max wins where one is not a number: it must reach the loss, not turn into 0.
                L positive = L.Max(L.Create(0), L.Load(x + i));
                L.Store(dropout.Apply(positive, index + i), y + i);
            }
        }
    }

    private struct ReluDropoutBackwardKernel : IHostKernel
    {
        public float* DY, Y, DX;
        public long Count;
        public float Scale;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* dY = DY, y = Y, dX = DX;
            float scale = Scale;
            bool accumulate = Accumulate;
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            long i = part.Start;
            for (; i + 16 <= part.End; i += 16)
                Put(L.GreaterThan(L.Load(y + i), L.Create(0)) & (L.Load(dY + i) * L.Create(scale)), dX + i, accumulate);
            for (; i < part.End; i++)
            {
                float gradient = y[i] > 0 ? dY[i] * scale : 0;
                dX[i] = accumulate ? dX[i] + gradient : gradient;
            }
        }
    }
}
