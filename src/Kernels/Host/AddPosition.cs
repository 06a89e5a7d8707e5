using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void AddPositionForward(MatrixView x, MatrixView table, MatrixView y) => Run(
        new AddPositionKernel
        {
            X = Pointer(x),
            Table = Pointer(table),
            Y = Pointer(y),
            Rows = x.Rows,
            Columns = x.Columns,
            Length = table.Rows,
            XStride = x.Stride,
            TableStride = table.Stride,
            YStride = y.Stride,
        },
        (long)x.Rows * x.Columns);

    public void AddPositionBackward(MatrixView dY, MatrixView dX, bool accumulate) => Run(
        new AddRowsKernel
        {
            X = Pointer(dY),
            Y = Pointer(dX),
            Rows = dY.Rows,
            Columns = dY.Columns,
            XStride = dY.Stride,
            YStride = dX.Stride,
            Accumulate = accumulate,
        },
        (long)dY.Rows * dY.Columns);

    private struct AddPositionKernel : IHostKernel
    {
        public float* X, Table, Y;
        public int Rows, Columns, Length;
        public long XStride, TableStride, YStride;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            (long columns, Partition rows) = (Columns, Partition.Of(Rows, worker, workers));
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* x = X + r * XStride, table = Table + r % Length * TableStride, y = Y + r * YStride;
                for (long c = 0; c < columns; c += 16)
                    Part.Store(Part.Load<L>(x + c, columns - c, buffer) + Part.Load<L>(table + c, columns - c, buffer), y + c, columns - c, buffer);
            }
        }
    }

    private struct AddRowsKernel : IHostKernel
    {
        public float* X, Y;
        public int Rows, Columns;
        public long XStride, YStride;
        public bool Accumulate;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            float* buffer = stackalloc float[16];
            (long columns, bool accumulate, Partition rows) = (Columns, Accumulate, Partition.Of(Rows, worker, workers));
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* x = X + r * XStride, y = Y + r * YStride;
                for (long c = 0; c < columns; c += 16)
                    Part.Store(Part.Load<L>(x + c, columns - c, buffer), y + c, columns - c, buffer, accumulate);
            }
        }
    }
}
