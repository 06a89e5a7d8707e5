using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void TakeLastForward(MatrixView x, MatrixView y)
    {
        int length = x.Rows / y.Rows;
        float* source = Pointer(x) + (length - 1L) * x.Columns, destination = Pointer(y);
        for (long b = 0; b < y.Rows; b++)
            NativeMemory.Copy(source + b * length * x.Columns, destination + b * y.Columns, (nuint)y.Columns * sizeof(float));
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
            long columns = Columns, before = (Length - 1L) * Columns;
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* dY = DY + b * columns, dX = DX + b * (before + columns);
                if (!Accumulate)
                    NativeMemory.Clear(dX, (nuint)before * sizeof(float));
                AddRow<L>(dY, dX + before, columns, Accumulate);
            }
        }
    }

    /// <summary>y (+)= x, elementwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<L>(float* x, float* y, long columns, bool accumulate)
        where L : unmanaged, ILanes16<L>
    {
        if (!accumulate)
        {
            NativeMemory.Copy(x, y, (nuint)columns * sizeof(float));
            return;
        }

        long c = 0;
        for (; c + 16 <= columns; c += 16)
            L.Store(L.Load(y + c) + L.Load(x + c), y + c);
        for (; c < columns; c++)
            y[c] += x[c];
    }
}
