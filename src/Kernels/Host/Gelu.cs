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
            float* buffer = stackalloc float[16];
            float* input = X, output = Y;
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            for (long i = part.Start; i < part.End; i += 16)
            {
                L x = Part.Load<L>(input + i, part.End - i, buffer);
                Part.Store(x * NormalCdf(x), output + i, part.End - i, buffer);
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
            float* buffer = stackalloc float[16];
            float* dY = DY, input = X, dX = DX;
            bool accumulate = Accumulate;
            Partition part = Partition.Of(Count, worker, workers, granule: 16);
            for (long i = part.Start; i < part.End; i += 16)
            {
                L x = Part.Load<L>(input + i, part.End - i, buffer);
                L density = LaneMath.Exp(x * x * L.Create(-0.5f)) * L.Create(InverseSqrt2Pi);
                L slope = L.Fma(x, density, NormalCdf(x));
                Part.Store(Part.Load<L>(dY + i, part.End - i, buffer) * slope, dX + i, part.End - i, buffer, accumulate);
            }
        }
    }
}
