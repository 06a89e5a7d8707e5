using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    private const float InverseSqrt2 = 0.707106781f;
    private const float InverseSqrt2Pi = 0.398942280f;

    public void GeluForward(MatrixView x, MatrixView y)
    {
        long count = (long)x.Rows * x.Columns;
        Run(new GeluForwardKernel { X = Pointer(x), Y = Pointer(y), Count = count }, count);
    }

    public void GeluBackward(MatrixView dY, MatrixView x, MatrixView dX, bool accumulate)
    {
        long count = (long)x.Rows * x.Columns;
        Run(new GeluBackwardKernel { DY = Pointer(dY), X = Pointer(x), DX = Pointer(dX), Count = count, Accumulate = accumulate }, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static L NormalCdf<L>(L x)
        where L : unmanaged, ILanes16<L> => L.Fma(LaneMath.Erf(x * L.Create(InverseSqrt2)), L.Create(0.5f), L.Create(0.5f));

    private struct GeluForwardKernel : IHostKernel
    {
        public float* X, Y;
        public long Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            long whole = part.Start + (part.End - part.Start) / 16 * 16, rest = part.End - whole;
            Loop<L>(X + part.Start, Y + part.Start, whole - part.Start);
            if (rest == 0)
                return;
            float* buffer = stackalloc float[32];
            var tail = new PaddedRows(buffer, rest);
            Loop<L>(tail.In(X + whole, 0), tail.Out(Y + whole, 1), 16);
            tail.Commit(Y + whole, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* x, float* y, long count)
            where L : unmanaged, ILanes16<L>
        {
            for (long i = 0; i < count; i += 16)
            {
                L value = L.Load(x + i);
                L.Store(value * NormalCdf(value), y + i);
            }
        }
    }

    private struct GeluBackwardKernel : IHostKernel
    {
        public float* DY, X, DX;
        public long Count;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            long whole = part.Start + (part.End - part.Start) / 16 * 16, rest = part.End - whole;
            Loop<L>(DY + part.Start, X + part.Start, DX + part.Start, whole - part.Start, Accumulate);
            if (rest == 0)
                return;
            float* buffer = stackalloc float[48];
            var tail = new PaddedRows(buffer, rest);
            Loop<L>(tail.In(DY + whole, 0), tail.In(X + whole, 1), tail.In(DX + whole, 2), 16, Accumulate);
            tail.Commit(DX + whole, 2);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* dY, float* x, float* dX, long count, bool accumulate)
            where L : unmanaged, ILanes16<L>
        {
            for (long i = 0; i < count; i += 16)
            {
                L value = L.Load(x + i);
                L density = LaneMath.Exp(value * value * L.Create(-0.5f)) * L.Create(InverseSqrt2Pi);
                Put(L.Load(dY + i) * L.Fma(value, density, NormalCdf(value)), dX + i, accumulate);
            }
        }
    }
}
