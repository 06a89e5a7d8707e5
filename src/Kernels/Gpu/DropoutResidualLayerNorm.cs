using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// sum = residual + dropout(x); y = LayerNorm(sum)·γ + β. Launches as <see cref="LayerNormKernels"/>: forward a group of 128 a row; backward
/// the groups of dγ and dβ, then a group a row.
/// </summary>
internal static partial class DropoutResidualLayerNormKernels
{
    /// <summary>Row r = group: sum[r], mean[r], rstd[r] and y[r]; sum may be x.</summary>
    [Kernel(128)]
    public static void DropoutResidualLayerNormForward(
        ArrayView<float> x, ArrayView<float> residual, ArrayView<float> gamma, ArrayView<float> beta,
        ArrayView<float> sum, ArrayView<float> y, ArrayView<float> mean, ArrayView<float> rstd,
        int columns, int vector, ArrayView<uint> key, uint site, uint threshold, float scale)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.SharedFor128);
        int row = Grid.IdxX, start = row * columns;
        ulong stepKey = DropoutLanes.StepKey(key, site);
        float total = 0;
        for (int c = 4 * Group.IdxX; c < columns; c += 512)
        {
            int at = start + c, valid = columns - c;
            Float4 value = Quad.Load(x, vector, at, valid);
            if (threshold != 0)
                value = DropoutLanes.ApplyQuad(value, (uint)at, stepKey, threshold, scale);
            value = Quad.Add(Quad.Load(residual, vector, at, valid), value);
            Quad.Store(sum, vector, at, valid, value);
            total += Quad.Sum(value);
        }

        // Each work item reads back only what it wrote itself. Elements behind the row are zeros through dropout, too.
        float rowSum = GroupSum.Of128(shared, total);
        float center = rowSum / columns;
        float inverse = LayerNormParts.InverseDeviation(shared, sum, vector, start, columns, center);
        LayerNormParts.WriteRow(sum, gamma, beta, y, vector, start, columns, center, inverse);
        if (Group.IdxX == 0)
        {
            mean[row] = center;
            rstd[row] = inverse;
        }
    }

    /// <summary>dSum as dX of LayerNorm; dResidual (+)= dSum; dX (+)= dropout(dSum); dγ, dβ as there.</summary>
    [Kernel(128)]
    public static void DropoutResidualLayerNormBackward(
        ArrayView<float> dY, ArrayView<float> sum, ArrayView<float> gamma, ArrayView<float> mean, ArrayView<float> rstd,
        ArrayView<float> dX, ArrayView<float> dResidual, ArrayView<float> dGamma, ArrayView<float> dBeta,
        int rows, int columns, int vector, int accumulateX, int accumulateResidual, int accumulateParameters,
        ArrayView<uint> key, uint site, uint threshold, float scale)
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(LayerNormParts.SharedQuads);
        int parameterGroups = (columns + LayerNormParts.ColumnsPerGroup - 1) / LayerNormParts.ColumnsPerGroup;
        int row = Grid.IdxX - parameterGroups, start = row * columns;
        float center = 0, inverse = 0;
        if (row < 0)
        {
            LayerNormParts.ParameterSums(shared, Grid.IdxX, dY, sum, mean, rstd, rows, columns, vector);
        }
        else
        {
            center = mean[row];
            inverse = rstd[row];
            LayerNormParts.GradientSums(shared, dY, sum, gamma, vector, start, columns, center, inverse);
        }

        LayerNormParts.AddUp(shared);
        if (row < 0)
        {
            LayerNormParts.WriteParameters(shared, Grid.IdxX, dGamma, dBeta, columns, accumulateParameters);
            return;
        }

        Float4 means = Quad.Scale(Quad.Add(shared[0], shared[1]), 1f / columns);
        ulong stepKey = DropoutLanes.StepKey(key, site);
        for (int c = 4 * Group.IdxX; c < columns; c += 512)
        {
            int at = start + c, valid = columns - c;
            Float4 gradient = LayerNormParts.Gradient(dY, sum, gamma, vector, start, c, columns, center, inverse, means);
            Quad.Put(dResidual, vector, at, valid, gradient, accumulateResidual);
            if (threshold != 0)
                gradient = DropoutLanes.ApplyQuad(gradient, (uint)at, stepKey, threshold, scale);
            Quad.Put(dX, vector, at, valid, gradient, accumulateX);
        }
    }
}

internal sealed partial class GpuOperations
{
    public void DropoutResidualLayerNormForward(
        MatrixView x, MatrixView residual, View gamma, View beta, MatrixView sum, MatrixView y, View mean, View rstd, Dropout dropout) =>
        DropoutResidualLayerNormKernels.DropoutResidualLayerNormForward(
            _device, new LaunchSize(x.Rows), x.Data, residual.Data, gamma, beta, sum.Data, y.Data, mean, rstd, x.Columns,
            Vector(x.Data, residual.Data, gamma, beta, sum.Data, y.Data, lengths: x.Columns),
            _stepScalars.Of(dropout.Key), dropout.Site, dropout.Threshold, dropout.Scale);

    public void DropoutResidualLayerNormBackward(
        MatrixView dY, MatrixView sum, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulateX, MatrixView dResidual, bool accumulateResidual,
        View dGamma, View dBeta, bool accumulateParameters, Dropout dropout) =>
        DropoutResidualLayerNormKernels.DropoutResidualLayerNormBackward(
            _device, new LaunchSize(Groups(sum.Columns, LayerNormParts.ColumnsPerGroup) + sum.Rows), dY.Data, sum.Data, gamma, mean, rstd,
            dX.Data, dResidual.Data, dGamma, dBeta, sum.Rows, sum.Columns,
            Vector(dY.Data, sum.Data, gamma, dX.Data, dResidual.Data, lengths: sum.Columns),
            Flag(accumulateX), Flag(accumulateResidual), Flag(accumulateParameters),
            _stepScalars.Of(dropout.Key), dropout.Site, dropout.Threshold, dropout.Scale);
}
