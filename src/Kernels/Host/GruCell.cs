using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    public void GruCellForward(MatrixView gates, MatrixView recurrent, View bias, MatrixView previous, MatrixView hidden) => Run(
        new GruCellForwardKernel
        {
            Rows = hidden.Rows,
            Width = hidden.Columns,
            Gates = new HeadRows(gates),
            Recurrent = new HeadRows(recurrent),
            Bias = Pointer(bias),
            Previous = new HeadRows(previous),
            Hidden = new HeadRows(hidden),
        },
        16L * hidden.Rows * hidden.Columns);

    public void GruCellBackward(
        MatrixView dHidden, MatrixView gates, MatrixView recurrent, MatrixView previous, MatrixView dState, bool isLast) => Run(
        new GruCellBackwardKernel
        {
            Rows = dHidden.Rows,
            Width = dHidden.Columns,
            DHidden = new HeadRows(dHidden),
            Gates = new HeadRows(gates),
            Recurrent = new HeadRows(recurrent),
            Previous = new HeadRows(previous),
            DState = new HeadRows(dState),
            IsLast = isLast,
        },
        16L * dHidden.Rows * dHidden.Columns);

    private struct GruCellForwardKernel : IHostKernel
    {
        public int Rows, Width;
        public HeadRows Gates, Recurrent, Previous, Hidden;
        public float* Bias;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long width = Width, whole = width / 16 * 16;
            var part = new CellParts(width, whole);
            float* tail = stackalloc float[16 * 11];
            Partition rows = Partition.Of(Rows, worker, workers);
            for (long r = rows.Start; r < rows.End; r++)
            {
                // The rows of an empty view are null.
                float* gates = Gates[r], recurrent = Recurrent[r], before = Previous[r], hidden = Hidden[r];
                Loop<L>(gates, recurrent, Bias, width, before, hidden, whole);
                if (whole == width)
                    continue;
                Loop<L>(
                    part.In(gates, tail, 3), part.In(recurrent, tail + 48, 3), part.In(Bias, tail + 96, 3), 16, part.In(before, tail + 144, 1),
                    tail + 160, 16);
                part.Out(tail, gates, 3);
                part.Out(tail + 80, recurrent + 2 * width, 1);
                part.Out(tail + 160, hidden, 1);
            }
        }

        /// <param name="gates">Three parts, <paramref name="apart"/> elements from one to the next, as in the two arguments behind it.</param>
        /// <param name="recurrent">Not read at the first step; its last part is written.</param>
        /// <param name="bias">Of the recurrent part.</param>
        /// <param name="apart">Elements from part to part.</param>
        /// <param name="before">The state before; null at the first step.</param>
        /// <param name="hidden">Written.</param>
        /// <param name="count">A multiple of 16.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* gates, float* recurrent, float* bias, long apart, float* before, float* hidden, long count)
            where L : unmanaged, ILanes16<L>
        {
            L one = L.Create(1f);
            for (long k = 0; k < count; k += 16)
            {
                L ur = L.Load(bias + k), uz = L.Load(bias + apart + k), un = L.Load(bias + 2 * apart + k), past = default;
                if (before != null)
                {
                    ur += L.Load(recurrent + k);
                    uz += L.Load(recurrent + apart + k);
                    un += L.Load(recurrent + 2 * apart + k);
                    past = L.Load(before + k);
                }

                L r = LaneMath.Sigmoid(L.Load(gates + k) + ur);
                L z = LaneMath.Sigmoid(L.Load(gates + apart + k) + uz);
                L n = LaneMath.Tanh(L.Fma(r, un, L.Load(gates + 2 * apart + k)));
                L.Store(r, gates + k);
                L.Store(z, gates + apart + k);
                L.Store(n, gates + 2 * apart + k);
                L.Store(un, recurrent + 2 * apart + k);
                L.Store(L.Fma(z, past, (one - z) * n), hidden + k);
            }
        }
    }

    private struct GruCellBackwardKernel : IHostKernel
    {
        public int Rows, Width;
        public HeadRows DHidden, Gates, Recurrent, Previous, DState;
        public bool IsLast;

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
                float* dHidden = DHidden[r], gates = Gates[r], recurrent = Recurrent[r], before = Previous[r], dState = DState[r];
                Loop<L>(dHidden, gates, recurrent, width, before, dState, IsLast, whole);
                if (whole == width)
                    continue;
                Loop<L>(
                    part.In(dHidden, tail, 1), part.In(gates, tail + 16, 3), part.In(recurrent, tail + 64, 3), 16, part.In(before, tail + 112, 1),
                    part.In(dState, tail + 128, 1), IsLast, 16);
                part.Out(tail + 16, gates, 3);
                part.Out(tail + 64, recurrent, 3);
                part.Out(tail + 128, dState, 1);
            }
        }

        /// <param name="dHidden">Read.</param>
        /// <param name="gates">Three parts, <paramref name="apart"/> elements from one to the next.</param>
        /// <param name="recurrent">Three parts; the last is read, all are written.</param>
        /// <param name="apart">Elements from part to part.</param>
        /// <param name="before">The state before; null at the first step.</param>
        /// <param name="dState">Read but at the last step, and written.</param>
        /// <param name="isLast">This is the last step.</param>
        /// <param name="count">A multiple of 16.</param>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Loop<L>(float* dHidden, float* gates, float* recurrent, long apart, float* before, float* dState, bool isLast, long count)
            where L : unmanaged, ILanes16<L>
        {
            L one = L.Create(1f);
            for (long k = 0; k < count; k += 16)
            {
                L r = L.Load(gates + k), z = L.Load(gates + apart + k), n = L.Load(gates + 2 * apart + k);
                L dh = L.Load(dHidden + k), past = before == null ? default : L.Load(before + k);
                if (!isLast)
                    dh += L.Load(dState + k);
                L dn = dh * (one - z) * (one - n * n);
                L dr = dn * L.Load(recurrent + 2 * apart + k) * (r * (one - r));
                L dz = dh * (past - n) * (z * (one - z));
                L.Store(dr, gates + k);
                L.Store(dz, gates + apart + k);
                L.Store(dn, gates + 2 * apart + k);
                L.Store(dr, recurrent + k);
                L.Store(dz, recurrent + apart + k);
                L.Store(dn * r, recurrent + 2 * apart + k);
                L.Store(dh * z, dState + k);
            }
        }
    }
}
