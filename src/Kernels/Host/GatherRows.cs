using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void GatherRows(MatrixView x, View rows, MatrixView y) => Run(
        new GatherRowsKernel
        {
            X = Pointer(x),
            Numbers = Pointer(rows),
            Y = Pointer(y),
            XStride = x.Stride,
            YStride = y.Stride,
            Rows = y.Rows,
            Columns = y.Columns,
        },
        (long)y.Rows * y.Columns);

    private struct GatherRowsKernel : IHostKernel
    {
        public float* X, Numbers, Y;
        public long XStride, YStride;
        public int Rows, Columns;

        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            Partition share = Partition.Of(Rows, worker, workers);
            for (long r = share.Start; r < share.End; r++)
                NativeMemory.Copy(X + (long)Numbers[r] * XStride, Y + r * YStride, (nuint)Columns * sizeof(float));
        }
    }
}
