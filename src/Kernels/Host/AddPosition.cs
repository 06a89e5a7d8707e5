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
            long columns = Columns;
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                float* x = X + r * XStride, table = Table + r % Length * TableStride, y = Y + r * YStride;
                long c = 0;
                for (; c + 16 <= columns; c += 16)
                    L.Store(L.Load(x + c) + L.Load(table + c), y + c);
                for (; c < columns; c++)
                    y[c] = x[c] + table[c];
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
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
                AddRow<L>(X + r * XStride, Y + r * YStride, Columns, Accumulate);
        }
    }
}
