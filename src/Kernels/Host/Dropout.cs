using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Host;

/// <summary>A <see cref="Dropout"/> of the current step, ready for kernels.</summary>
internal readonly struct DropoutLanes(Dropout dropout)
{
    private readonly uint _threshold = dropout.Threshold;
    private readonly uint _key0 = (uint)dropout.StepKey;
    private readonly uint _key1 = (uint)(dropout.StepKey >> 32);
    private readonly float _scale = dropout.Scale;

    /// <summary>Drops or scales the elements <paramref name="index"/> .. <paramref name="index"/> + 15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public L Apply<L>(L value, long index)
        where L : unmanaged, ILanes16<L>
    {
        if (_threshold == 0)
            return value;
        L kept = L.AtLeastBits(LaneMath.RandomBits<L>((uint)index, _key0, _key1), L.CreateBits(_threshold));
        return (value * L.Create(_scale)) & kept;
    }
}

internal sealed unsafe partial class HostOperations
{
    public void DropoutForward(MatrixView x, MatrixView y, Dropout dropout) => DropoutBackward(x, y, dropout, accumulate: false);

    public void DropoutBackward(MatrixView dY, MatrixView dX, Dropout dropout, bool accumulate)
    {
        long count = (long)dY.Rows * dY.Columns;
        Run(new DropoutKernel { X = Pointer(dY), Y = Pointer(dX), Count = count, Dropout = new DropoutLanes(dropout), Accumulate = accumulate }, count);
    }

    private struct DropoutKernel : IHostKernel
    {
        public float* X, Y;
        public long Count;
        public DropoutLanes Dropout;
        public bool Accumulate;

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
            Loop<L>(tail.In(X + whole, 0), tail.In(Y + whole, 1), 16, whole);
            tail.Commit(Y + whole, 1);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Loop<L>(float* x, float* y, long count, long index)
            where L : unmanaged, ILanes16<L>
        {
            DropoutLanes dropout = Dropout;
            bool accumulate = Accumulate;
            for (long i = 0; i < count; i += 16)
                Put(dropout.Apply(L.Load(x + i), index + i), y + i, accumulate);
        }
    }
}
