using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// y = (x − mean)·rstd·γ + β per row, rstd = 1/√(var + 1e-5). Forward: a group of 128 a row. Backward in one launch: ⌈columns/8⌉ groups
/// for dγ and dβ (<see cref="LayerNormParts.Parameters"/>), then a group a row for dX.
/// </summary>
internal static partial class LayerNormKernels
{
    /// <summary>Row r = group: mean[r], rstd[r] and y[r]; two passes, so that nothing cancels.</summary>
    [Kernel(128)]
    public static void LayerNormForward(
        ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> y, ArrayView<float> mean, ArrayView<float> rstd,
        int columns, int vector)
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupSum.SharedFor128);
        int row = Grid.IdxX, start = row * columns, first = 4 * Group.IdxX;
        float total = 0;
        for (int c = first; c < columns; c += 512)
            total += Quad.Sum(Quad.Load(x, vector, start + c, columns - c));
        float center = GroupSum.Of128(shared, total) / columns;
        float inverse = LayerNormParts.InverseDeviation(shared, x, vector, start, columns, center);
        LayerNormParts.WriteRow(x, gamma, beta, y, vector, start, columns, center, inverse);
        if (Group.IdxX == 0)
        {
            mean[row] = center;
            rstd[row] = inverse;
        }
    }

    /// <summary>With x̂ = (x − mean)·rstd and g = dY·γ: dX (+)= rstd·(g − mean(g) − x̂·mean(g·x̂)); dγ (+)= Σᵣ dY·x̂; dβ (+)= Σᵣ dY.</summary>
    [Kernel(128)]
    public static void LayerNormBackward(
        ArrayView<float> dY, ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> mean, ArrayView<float> rstd,
        ArrayView<float> dX, ArrayView<float> dGamma, ArrayView<float> dBeta,
        int rows, int columns, int vector, int accumulate, int accumulateParameters)
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(LayerNormParts.SharedQuads);
        int parameterGroups = (columns + LayerNormParts.ColumnsPerGroup - 1) / LayerNormParts.ColumnsPerGroup;
        if (Grid.IdxX < parameterGroups)
        {
            LayerNormParts.Parameters(shared, Grid.IdxX, dY, x, mean, rstd, dGamma, dBeta, rows, columns, vector, accumulateParameters);
            return;
        }

        int row = Grid.IdxX - parameterGroups, start = row * columns;
        float center = mean[row], inverse = rstd[row];
        Float4 means = LayerNormParts.GradientMeans(shared, dY, x, gamma, vector, start, columns, center, inverse);
        for (int c = 4 * Group.IdxX; c < columns; c += 512)
        {
            Float4 gradient = LayerNormParts.Gradient(dY, x, gamma, vector, start, c, columns, center, inverse, means);
            Quad.Put(dX, vector, start + c, columns - c, gradient, accumulate);
        }
    }
}

/// <summary>What LayerNorm and its fused form share, for groups of 128.</summary>
internal static class LayerNormParts
{
    /// <summary>Columns of a group that sums dγ and dβ.</summary>
    public const int ColumnsPerGroup = 8;

    /// <summary>Shared memory of a backward group.</summary>
    public const int SharedQuads = 256;

    /// <summary>1/√(Σ(x − center)²/C + ε) of a row.</summary>
    public static float InverseDeviation(ArrayView<float> shared, ArrayView<float> x, int vector, int start, int columns, float center)
    {
        float squares = 0;
        for (int c = 4 * Group.IdxX; c < columns; c += 512)
        {
            Float4 value = Quad.LoadOr(x, vector, start + c, columns - c, center);
            value = new Float4(value.X - center, value.Y - center, value.Z - center, value.W - center);
            squares += Quad.Sum(Quad.Multiply(value, value));
        }

        return 1f / XMath.Sqrt(GroupSum.Of128(shared, squares) / columns + 1e-5f);
    }

    /// <summary>y = (x − center)·inverse·γ + β of a row.</summary>
    public static void WriteRow(
        ArrayView<float> x, ArrayView<float> gamma, ArrayView<float> beta, ArrayView<float> y, int vector, int start, int columns,
        float center, float inverse)
    {
        for (int c = 4 * Group.IdxX; c < columns; c += 512)
        {
            int valid = columns - c;
            Float4 normal = Normal(x, vector, start + c, valid, center, inverse);
            Quad.Store(y, vector, start + c, valid, Quad.Fma(normal, Quad.Load(gamma, vector, c, valid), Quad.Load(beta, vector, c, valid)));
        }
    }

    /// <summary>mean(g) and mean(g·x̂) of a row, in X and Y.</summary>
    public static Float4 GradientMeans(
        ArrayView<Float4> shared, ArrayView<float> dY, ArrayView<float> x, ArrayView<float> gamma, int vector, int start, int columns,
        float center, float inverse)
    {
        float sum = 0, product = 0;
        for (int c = 4 * Group.IdxX; c < columns; c += 512)
        {
            int valid = columns - c;
            Float4 g = Quad.Multiply(Quad.Load(dY, vector, start + c, valid), Quad.Load(gamma, vector, c, valid));
            sum += Quad.Sum(g);
            product += Quad.Sum(Quad.Multiply(g, Normal(x, vector, start + c, valid, center, inverse)));
        }

        return Quad.Scale(GroupSum.QuadsOf128(shared, new Float4(sum, product, 0f, 0f)), 1f / columns);
    }

    /// <summary>rstd·(g − mean(g) − x̂·mean(g·x̂)) of four columns.</summary>
    public static Float4 Gradient(
        ArrayView<float> dY, ArrayView<float> x, ArrayView<float> gamma, int vector, int start, int column, int columns,
        float center, float inverse, Float4 means)
    {
        int valid = columns - column;
        Float4 g = Quad.Multiply(Quad.Load(dY, vector, start + column, valid), Quad.Load(gamma, vector, column, valid));
        Float4 normal = Normal(x, vector, start + column, valid, center, inverse);
        g = new Float4(g.X - means.X, g.Y - means.X, g.Z - means.X, g.W - means.X);
        return Quad.Scale(Quad.ScaledAdd(-means.Y, normal, g), inverse);
    }

    /// <summary>
    /// dγ (+)= Σᵣ dY·x̂ and dβ (+)= Σᵣ dY of eight columns: two quads wide, 64 work items down the rows, then a tree over these.
    /// </summary>
    public static void Parameters(
        ArrayView<Float4> shared, int group, ArrayView<float> dY, ArrayView<float> x, ArrayView<float> mean, ArrayView<float> rstd,
        ArrayView<float> dGamma, ArrayView<float> dBeta, int rows, int columns, int vector, int accumulate)
    {
        int item = Group.IdxX;
        int column = group * ColumnsPerGroup + 4 * (item & 1), valid = columns - column;
        var scale = new Float4(0f, 0f, 0f, 0f);
        var shift = new Float4(0f, 0f, 0f, 0f);
        if (valid > 0)
        {
            for (int row = item / 2; row < rows; row += 64)
            {
                Float4 gradient = Quad.Load(dY, vector, row * columns + column, valid);
                scale = Quad.Fma(gradient, Normal(x, vector, row * columns + column, valid, mean[row], rstd[row]), scale);
                shift = Quad.Add(shift, gradient);
            }
        }

        shared[item] = scale;
        shared[128 + item] = shift;
        Group.Barrier();
        for (int half = 64; half >= 2; half /= 2)
        {
            if (item < half)
            {
                shared[item] = Quad.Add(shared[item], shared[item + half]);
                shared[128 + item] = Quad.Add(shared[128 + item], shared[128 + item + half]);
            }

            Group.Barrier();
        }

        if (item < 2 && valid > 0)
        {
            Quad.Put(dGamma, 0, column, valid, shared[item], accumulate);
            Quad.Put(dBeta, 0, column, valid, shared[128 + item], accumulate);
        }
    }

    /// <summary>x̂ = (x − center)·inverse of four elements.</summary>
    private static Float4 Normal(ArrayView<float> x, int vector, int at, int valid, float center, float inverse)
    {
        Float4 value = Quad.Load(x, vector, at, valid);
        return new Float4((value.X - center) * inverse, (value.Y - center) * inverse, (value.Z - center) * inverse, (value.W - center) * inverse);
    }
}

internal sealed partial class GpuOperations
{
    public void LayerNormForward(MatrixView x, View gamma, View beta, MatrixView y, View mean, View rstd) => LayerNormKernels.LayerNormForward(
        device, new LaunchSize(x.Rows), x.Data, gamma, beta, y.Data, mean, rstd, x.Columns,
        Vector(x.Data, gamma, beta, y.Data, lengths: x.Columns));

    public void LayerNormBackward(
        MatrixView dY, MatrixView x, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulate, View dGamma, View dBeta, bool accumulateParameters) => LayerNormKernels.LayerNormBackward(
            device, new LaunchSize(Groups(x.Columns, LayerNormParts.ColumnsPerGroup) + x.Rows), dY.Data, x.Data, gamma, mean, rstd,
            dX.Data, dGamma, dBeta, x.Rows, x.Columns, Vector(dY.Data, x.Data, gamma, dX.Data, lengths: x.Columns),
            Flag(accumulate), Flag(accumulateParameters));
}
