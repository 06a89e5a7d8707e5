using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// y[b] = raw[b] + Σᵢ skips[i]·context[b·T + i] over dense rows. Forward: groups of 256 over samples·⌈columns/4⌉ quads, one a work item.
/// Backward: a group of 128 for each sample and slot (grid: samples × slots) takes their product; a group of 128 for each slot adds the
/// products of all samples.
/// </summary>
internal static partial class SlotSkipsKernels
{
    /// <summary>y[b,c] = raw[b,c] + Σᵢ skips[i]·context[b·T + i, c]</summary>
    [Kernel(256)]
    public static void SlotSkipsForward(
        ArrayView<float> raw, ArrayView<float> skips, ArrayView<float> context, ArrayView<float> y, int slots, int rows, int columns, int vector)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        int at = quad.Row * columns + quad.Column;
        Float4 sum = Quad.Load(raw, vector, at, quad.Valid);
        for (int slot = 0; slot < slots; slot++)
            sum = Quad.ScaledAdd(skips[slot], Quad.Load(context, vector, (quad.Row * slots + slot) * columns + quad.Column, quad.Valid), sum);
        Quad.Store(y, vector, at, quad.Valid, sum);
    }

    /// <summary>products[b·T + i] = dY[b]·context[b·T + i]</summary>
    [Kernel(128)]
    public static void SlotProducts(ArrayView<float> dY, ArrayView<float> context, ArrayView<float> products, int slots, int columns)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.SharedFor128);
        int item = Group.IdxX, sample = Grid.IdxX, row = sample * slots + Grid.IdxY;
        float sum = 0;
        for (int c = item; c < columns; c += 128)
            sum = XMath.Fma(dY[sample * columns + c], context[row * columns + c], sum);
        float total = GroupSum.Of128(shared, sum);
        if (item == 0)
            products[row] = total;
    }

    /// <summary>dSkips[i] (+)= Σ_b products[b·T + i]; one group a slot.</summary>
    [Kernel(128)]
    public static void SumSlotProducts(ArrayView<float> products, ArrayView<float> dSkips, int slots, int samples, int accumulate)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.SharedFor128);
        int item = Group.IdxX, slot = Grid.IdxX;
        float sum = 0;
        for (int sample = item; sample < samples; sample += 128)
            sum += products[sample * slots + slot];
        float total = GroupSum.Of128(shared, sum);
        if (item == 0)
        {
            if (accumulate != 0)
                total += dSkips[slot];
            dSkips[slot] = total;
        }
    }
}

internal sealed partial class GpuOperations
{
    public void SlotSkipsForward(MatrixView raw, View skips, MatrixView context, MatrixView y) => SlotSkipsKernels.SlotSkipsForward(
        _device, QuadGroups(y), raw.Data, skips, context.Data, y.Data, (int)skips.Length, y.Rows, y.Columns,
        Vector(raw.Data, context.Data, y.Data, lengths: y.Columns));

    public void SlotSkipsBackward(MatrixView dY, MatrixView context, View dSkips, bool accumulateSkips, MatrixView dRaw, bool accumulateRaw)
    {
        int slots = (int)dSkips.Length;
        View products = _scratch.Floats(context.Rows);
        SlotSkipsKernels.SlotProducts(_device, new LaunchSize(dY.Rows, slots), dY.Data, context.Data, products, slots, dY.Columns);
        SlotSkipsKernels.SumSlotProducts(_device, new LaunchSize(slots), products, dSkips, slots, dY.Rows, Flag(accumulateSkips));
        if (dRaw != dY)
            AddPositionBackward(dY, dRaw, accumulateRaw);
    }
}
