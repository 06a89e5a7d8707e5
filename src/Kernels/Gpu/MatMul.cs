using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

internal sealed partial class GpuOperations
{
    /// <summary>Panels of long vectors in registers, for processors; else tiles in shared memory. Tests run both on one device.</summary>
    internal bool UsePackedPanels { get; set; }

    /// <summary>Tiles that tests force; null chooses by shape and device.</summary>
    internal MatMulPlan? MatMulPlan { get; set; }

    /// <summary>Panels that tests force; null chooses by shape and device.</summary>
    internal PackedMatMulPlan? PackedMatMulPlan { get; set; }

    public void MatMul(MatMulForm form, MatrixView a, MatrixView b, MatrixView c, View bias, bool accumulate)
    {
        if (UsePackedPanels)
            PackedMatMul(form, a, b, c, bias, accumulate);
        else
            TiledMatMul(form, a, b, c, bias, accumulate, rowSums: default, accumulateRowSums: false);
    }

    private MatMulPlan PlanFor(MatrixView c, int depth) => MatMulPlan ?? Gpu.MatMulPlan.For(c.Rows, c.Columns, depth, _device.ComputeUnits);

    private void TiledMatMul(
        MatMulForm form, MatrixView a, MatrixView b, MatrixView c, View bias, bool accumulate, View rowSums, bool accumulateRowSums)
    {
        int depth = form == MatMulForm.TN ? a.Rows : a.Columns;
        MatMulPlan plan = PlanFor(c, depth);
        int reading = Vector(a.Data, lengths: a.Stride) * TiledMatMulKernels.VectorA + Vector(b.Data, lengths: b.Stride) * TiledMatMulKernels.VectorB;
        int writing = Vector(c.Data, lengths: c.Stride) * TiledMatMulKernels.VectorC
            + Flag(!bias.IsEmpty) * TiledMatMulKernels.HasBias + Flag(accumulate) * TiledMatMulKernels.Accumulate
            + Flag(!rowSums.IsEmpty) * TiledMatMulKernels.HasRowSums + Flag(accumulateRowSums) * TiledMatMulKernels.AccumulateRowSums;
        int pitch = (c.Columns + 3) / 4 * 4;
        bool split = plan.Splits > 1;
        View result = split ? _scratch.Floats(checked(plan.Splits * c.Rows * pitch)) : c.Data;
        TiledMatMulKernels.TiledMatMul(
            _device, new LaunchSize(Groups(c.Columns, plan.TileColumns), Groups(c.Rows, plan.TileRows), plan.Splits),
            a.Data, a.Stride, b.Data, b.Stride, result, split ? pitch : c.Stride, split ? default : bias, rowSums,
            c.Rows, c.Columns, depth, plan.Chunk(depth), reading + (split ? TiledMatMulKernels.VectorC : writing),
            Flag(form == MatMulForm.TN), Flag(form != MatMulForm.NT), plan.TileRows, plan.TileColumns, plan.TileDepth, plan.WarpColumns);
        if (split)
            TiledMatMulKernels.SumSplits(_device, QuadGroups(c), result, plan.Splits, pitch, c.Data, c.Stride, bias, c.Rows, c.Columns, writing);
    }
}
