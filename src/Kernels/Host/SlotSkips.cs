using System.Runtime.CompilerServices;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Host.Simd;
using P6bNative.Kernels.Host.Threads;

namespace P6bNative.Kernels.Host;

internal sealed unsafe partial class HostOperations
{
    private readonly Scratch _slotProducts = new();

    public void SlotSkipsForward(MatrixView raw, View skips, MatrixView context, MatrixView y) => Run(
        new SlotSkipsForwardKernel
        {
            Raw = Pointer(raw),
            Skips = Pointer(skips),
            Context = Pointer(context),
            Y = Pointer(y),
            Batch = raw.Rows,
            Slots = (int)skips.Length,
            Columns = raw.Columns,
            Padding = Padding(raw.Columns, SlotSkipsForwardKernel.PaddedSlots),
        },
        (long)context.Rows * context.Columns);

    public void SlotSkipsBackward(MatrixView dY, MatrixView context, View dSkips, bool accumulateSkips, MatrixView dRaw, bool accumulateRaw)
    {
        int slots = (int)dSkips.Length;
        float* products = _slotProducts.Floats((long)dY.Rows * slots);
        Run(
            new SlotProductsKernel
            {
                DY = Pointer(dY),
                Context = Pointer(context),
                Products = products,
                Batch = dY.Rows,
                Slots = slots,
                Columns = dY.Columns,
            },
            (long)context.Rows * context.Columns);
        float* destination = Pointer(dSkips);
        for (int slot = 0; slot < slots; slot++)
        {
            double sum = 0;
            for (int b = 0; b < dY.Rows; b++)
                sum += products[b * (long)slots + slot];
            destination[slot] = (float)(accumulateSkips ? destination[slot] + sum : sum);
        }

        if (dRaw != dY)
            AddPositionBackward(dY, dRaw, accumulateRaw);
    }

    private struct SlotSkipsForwardKernel : IHostKernel
    {
        public const int PaddedSlots = 2;
        public float* Raw, Skips, Context, Y, Padding;
        public int Batch, Slots, Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, padded = PaddedRows.PadTo16(columns);
            var rows = new PaddedRows(Padding + worker * PaddedSlots * padded, columns);
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                float* y = Y + b * columns, sum = rows.In(Raw + b * columns, 0);
                for (int slot = 0; slot < Slots; slot++)
                {
                    float* context = rows.In(Context + (b * Slots + slot) * columns, 1);
                    float* destination = rows.Out(y, 0);
                    L factor = L.Create(Skips[slot]);
                    for (long c = 0; c < padded; c += 16)
                        L.Store(L.Fma(factor, L.Load(context + c), L.Load(sum + c)), destination + c);
                    sum = destination;
                }

                rows.Commit(y, 0);
            }
        }
    }

    /// <summary>products[b,i] = dY[b]·context[b·T + i].</summary>
    private struct SlotProductsKernel : IHostKernel
    {
        public float* DY, Context, Products;
        public int Batch, Slots, Columns;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run<L>(int worker, int workers)
            where L : unmanaged, ILanes16<L>
        {
            long columns = Columns, slots = Slots;
            Partition samples = Partition.Of(Batch, worker, workers);
            for (long b = samples.Start; b < samples.End; b++)
            {
                for (long slot = 0; slot < slots; slot++)
                    Products[b * slots + slot] = Product<L>(DY + b * columns, Context + (b * slots + slot) * columns, columns);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Product<L>(float* x, float* y, long count)
            where L : unmanaged, ILanes16<L>
        {
            L s0 = default, s1 = default;
            long c = 0;
            for (; c + 32 <= count; c += 32)
            {
                s0 = L.Fma(L.Load(x + c), L.Load(y + c), s0);
                s1 = L.Fma(L.Load(x + c + 16), L.Load(y + c + 16), s1);
            }

            double sum = L.Sum(s0 + s1);
            for (; c < count; c++)
                sum += (double)x[c] * y[c];
            return (float)sum;
        }
    }
}
