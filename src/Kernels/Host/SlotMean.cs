using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void SlotMean(MatrixView x, MatrixView y) => Run(
        new SlotMeanKernel { X = new HeadRows(x), Y = new HeadRows(y), Batch = y.Rows, Length = x.Rows / y.Rows, Columns = y.Columns },
        (long)x.Rows * x.Columns);

    private struct SlotMeanKernel : IHostKernel
    {
        public HeadRows X, Y;
        public int Batch, Length, Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, length = Length;
            float factor = 1f / length;
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* y = Y[b];
                long c = 0;
                for (; c + 16 <= columns; c += 16)
                {
                    L sum = L.Load(X[b * length] + c);
                    for (long t = 1; t < length; t++)
                        sum += L.Load(X[b * length + t] + c);
                    L.Store(sum * L.Create(factor), y + c);
                }

                for (; c < columns; c++)
                {
                    float sum = X[b * length][c];
                    for (long t = 1; t < length; t++)
                        sum += X[b * length + t][c];
                    y[c] = sum * factor;
                }
            }
        }
    }
}
