using System.Runtime.InteropServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void PreviousStep(MatrixView x, int length, MatrixView y) => Run(
        new PreviousStepKernel { X = Pointer(x), Y = Pointer(y), Batch = x.Rows / length, Length = length, Columns = x.Columns },
        (long)x.Rows * x.Columns);

    private struct PreviousStepKernel : IHostKernel
    {
        public float* X, Y;
        public int Batch, Length, Columns;

        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, kept = (Length - 1L) * columns;
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* x = X + b * (kept + columns), y = Y + b * (kept + columns);
                NativeMemory.Clear(y, (nuint)columns * sizeof(float));
                NativeMemory.Copy(x, y + columns, (nuint)kept * sizeof(float));
            }
        }
    }
}
