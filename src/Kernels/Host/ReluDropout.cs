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
            float* buffer = stackalloc float[16];
            float* x = X, y = Y;
            DropoutLanes dropout = Dropout;
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            for (long i = part.Start; i < part.End; i += 16)
            {
                // The second operand of Max wins where one is not a number: it must reach the loss, not turn into 0.
                L positive = L.Max(L.Create(0), Part.Load<L>(x + i, part.End - i, buffer));
                Part.Store(dropout.Apply(positive, i), y + i, part.End - i, buffer);
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
            float* buffer = stackalloc float[16];
            float* dY = DY, y = Y, dX = DX;
            float scale = Scale;
            bool accumulate = Accumulate;
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            for (long i = part.Start; i < part.End; i += 16)
            {
                L passed = L.GreaterThan(Part.Load<L>(y + i, part.End - i, buffer), L.Create(0));
                L gradient = passed & (Part.Load<L>(dY + i, part.End - i, buffer) * L.Create(scale));
                Part.Store(gradient, dX + i, part.End - i, buffer, accumulate);
            }
        }
    }
}
