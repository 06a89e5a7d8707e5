using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void ColumnSum(MatrixView x, View sum, bool accumulate) => Run(
        new ColumnSumKernel
        {
            X = Pointer(x),
            Sum = Pointer(sum),
            Rows = x.Rows,
            Columns = x.Columns,
            Stride = x.Stride,
            Accumulate = accumulate,
        },
        (long)x.Rows * x.Columns);

    private struct ColumnSumKernel : IHostKernel
    {
        public float* X, Sum;
        public int Rows, Columns, Stride;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            (long rows, long stride, bool accumulate) = (Rows, Stride, Accumulate);
            Partition columns = Partition.Of(Columns, worker, workers, granule: 64);
            for (long c = columns.Start; c < columns.End; c += 64)
            {
                float* x = X + c, sum = Sum + c;
                long width = columns.End - c;
                L s0 = default, s1 = default, s2 = default, s3 = default;
                if (width >= 64)
                {
                    for (long r = 0; r < rows; r++, x += stride)
                    {
                        s0 += L.Load(x);
                        s1 += L.Load(x + 16);
                        s2 += L.Load(x + 32);
                        s3 += L.Load(x + 48);
                    }

                    Part.Store(s0, sum, 16, buffer, accumulate);
                    Part.Store(s1, sum + 16, 16, buffer, accumulate);
                    Part.Store(s2, sum + 32, 16, buffer, accumulate);
                    Part.Store(s3, sum + 48, 16, buffer, accumulate);
                    continue;
                }

                for (long k = 0; k < width; k += 16)
                {
                    L s = default;
                    for (long r = 0; r < rows; r++)
                        s += Part.Load<L>(x + r * stride + k, width - k, buffer);
                    Part.Store(s, sum + k, width - k, buffer, accumulate);
                }
            }
        }
    }
}
