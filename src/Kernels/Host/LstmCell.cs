using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void LstmCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previousCell, MatrixView cell, MatrixView hidden) =>
        Run(
            new LstmCellForwardKernel
            {
                Rows = cell.Rows,
                Width = cell.Columns,
                Gates = new HeadRows(gates),
                Recurrent = new HeadRows(recurrent),
                Bias = Pointer(bias),
                PreviousCell = new HeadRows(previousCell),
                Cell = new HeadRows(cell),
                Hidden = new HeadRows(hidden),
            },
            16L * cell.Rows * cell.Columns);

    public void LstmCellBackward(
        MatrixView dHidden, MatrixView dNext, MatrixView gates, MatrixView cell, MatrixView previousCell, MatrixView dCell) => Run(
        new LstmCellBackwardKernel
        {
            Rows = cell.Rows,
            Width = cell.Columns,
            DHidden = new HeadRows(dHidden),
            DNext = new HeadRows(dNext),
            Gates = new HeadRows(gates),
            Cell = new HeadRows(cell),
            PreviousCell = new HeadRows(previousCell),
            DCell = new HeadRows(dCell),
        },
        16L * cell.Rows * cell.Columns);

    private struct LstmCellForwardKernel : IHostKernel
    {
        public int Rows, Width;
        public HeadRows Gates, Recurrent, PreviousCell, Cell, Hidden;
        public float* Bias;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, whole = width / 16 * 16;
            var part = new CellParts(width, whole);
            float* tail = stackalloc float[16 * 15];
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                // The rows of an empty view are null.
                float* gates = Gates[r], recurrent = Recurrent[r], before = PreviousCell[r], cell = Cell[r], hidden = Hidden[r];
                Loop<L>(gates, recurrent, Bias, width, before, cell, hidden, whole);
                if (whole == width)
                    continue;
                part.In(gates, tail, 4);
                Loop<L>(
                    tail, part.In(recurrent, tail + 64, 4), part.In(Bias, tail + 128, 4), 16, part.In(before, tail + 192, 1),
                    tail + 208, tail + 224, 16);
                part.Out(tail, gates, 4);
                part.Out(tail + 208, cell, 1);
                part.Out(tail + 224, hidden, 1);
            }
        }

        /// <param name="gates">Four parts, <paramref name="apart"/> elements from one to the next, as in the two arguments behind it.</param>
        /// <param name="recurrent">Null at the first step.</param>
        /// <param name="bias">Of the recurrent part.</param>
        /// <param name="apart">Elements from part to part.</param>
        /// <param name="before">The cell before; null at the first step.</param>
        /// <param name="cell">Written.</param>
        /// <param name="hidden">Written.</param>
        /// <param name="count">A multiple of 16.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* gates, float* recurrent, float* bias, long apart, float* before, float* cell, float* hidden, long count)
            where L : unmanaged, ILanes16<L>
        {
            for (long k = 0; k < count; k += 16)
            {
                L i = L.Load(gates + k) + L.Load(bias + k), f = L.Load(gates + apart + k) + L.Load(bias + apart + k);
                L g = L.Load(gates + 2 * apart + k) + L.Load(bias + 2 * apart + k), o = L.Load(gates + 3 * apart + k) + L.Load(bias + 3 * apart + k);
                if (recurrent != null)
                {
                    i += L.Load(recurrent + k);
                    f += L.Load(recurrent + apart + k);
                    g += L.Load(recurrent + 2 * apart + k);
                    o += L.Load(recurrent + 3 * apart + k);
                }

                i = LaneMath.Sigmoid(i);
                f = LaneMath.Sigmoid(f);
                g = LaneMath.Tanh(g);
                o = LaneMath.Sigmoid(o);
                L state = i * g;
                if (before != null)
                    state = L.Fma(f, L.Load(before + k), state);
                L.Store(i, gates + k);
                L.Store(f, gates + apart + k);
                L.Store(g, gates + 2 * apart + k);
                L.Store(o, gates + 3 * apart + k);
                L.Store(state, cell + k);
                L.Store(o * LaneMath.Tanh(state), hidden + k);
            }
        }
    }

    private struct LstmCellBackwardKernel : IHostKernel
    {
        public int Rows, Width;
        public HeadRows DHidden, DNext, Gates, Cell, PreviousCell, DCell;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, whole = width / 16 * 16;
            var part = new CellParts(width, whole);
            float* tail = stackalloc float[16 * 9];
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                // The rows of an empty view are null.
                float* dHidden = DHidden[r], dNext = DNext[r], gates = Gates[r], cell = Cell[r], before = PreviousCell[r], dCell = DCell[r];
                Loop<L>(dHidden, dNext, gates, width, cell, before, dCell, whole);
                if (whole == width)
                    continue;
                part.In(dCell, tail + 128, 1);
                Loop<L>(
                    part.In(dHidden, tail, 1), part.In(dNext, tail + 16, 1), part.In(gates, tail + 32, 4), 16, part.In(cell, tail + 96, 1),
                    part.In(before, tail + 112, 1), tail + 128, 16);
                part.Out(tail + 32, gates, 4);
                part.Out(tail + 128, dCell, 1);
            }
        }

        /// <param name="dHidden">Read.</param>
        /// <param name="dNext">Null at the last step.</param>
        /// <param name="gates">Four parts, <paramref name="apart"/> elements from one to the next.</param>
        /// <param name="apart">Elements from part to part.</param>
        /// <param name="cell">Read.</param>
        /// <param name="before">The cell before; null at the first step.</param>
        /// <param name="dCell">Read but at the last step, and written.</param>
        /// <param name="count">A multiple of 16.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* dHidden, float* dNext, float* gates, long apart, float* cell, float* before, float* dCell, long count)
            where L : unmanaged, ILanes16<L>
        {
            L one = L.Create(1f);
            for (long k = 0; k < count; k += 16)
            {
                L i = L.Load(gates + k), f = L.Load(gates + apart + k), g = L.Load(gates + 2 * apart + k), o = L.Load(gates + 3 * apart + k);
                L t = LaneMath.Tanh(L.Load(cell + k)), dh = L.Load(dHidden + k), dc = default;
                if (dNext != null)
                {
                    dh += L.Load(dNext + k);
                    dc = L.Load(dCell + k);
                }

                dc = L.Fma(dh * o, one - t * t, dc);
                L past = before == null ? default : L.Load(before + k);
                L.Store(dc * g * (i * (one - i)), gates + k);
                L.Store(dc * past * (f * (one - f)), gates + apart + k);
                L.Store(dc * i * (one - g * g), gates + 2 * apart + k);
                L.Store(dh * t * (o * (one - o)), gates + 3 * apart + k);
                L.Store(dc * f, dCell + k);
            }
        }
    }
}
