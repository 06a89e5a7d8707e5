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
            long rows = Rows, stride = Stride;
            bool accumulate = Accumulate;
            Partition columns = Partition.Of(Columns, worker, workers, granule: 64);
            long c = columns.Start;
            for (; c + 64 <= columns.End; c += 64)
            {
                float* x = X + c, sum = Sum + c;
                L s0 = default, s1 = default, s2 = default, s3 = default;
                for (long r = 0; r < rows; r++, x += stride)
                {
                    s0 += L.Load(x);
                    s1 += L.Load(x + 16);
                    s2 += L.Load(x + 32);
                    s3 += L.Load(x + 48);
                }

                Put(s0, sum, accumulate);
                Put(s1, sum + 16, accumulate);
                Put(s2, sum + 32, accumulate);
                Put(s3, sum + 48, accumulate);
            }

            for (; c < columns.End; c++)
            {
                float sum = 0;
                for (long r = 0; r < rows; r++)
                    sum += X[r * stride + c];
                Sum[c] = accumulate ? Sum[c] + sum : sum;
            }
        }
    }

    /// <summary>Writes sixteen elements, or adds to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<L>(L value, float* destination, bool accumulate)
        where L : unmanaged, ILanes16<L> => L.Store(accumulate ? L.Load(destination) + value : value, destination);
}
