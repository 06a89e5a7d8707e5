using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// y = (x − mean)·rstd·γ + β per row, rstd = 1/√(var + 1e-5). Forward: a group of 128 a row. Backward in one launch: ⌈columns/8⌉ groups
/// for dγ and dβ, then a group a row for dX;
/// all pass the same barriers.
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
        float sum = GroupSum.Of128(shared, total);
        float center = sum / columns;
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
        int row = Grid.IdxX - parameterGroups, start = row * columns;
        float center = 0, inverse = 0;
        if (row < 0)
        {
            LayerNormParts.ParameterSums(shared, Grid.IdxX, dY, x, mean, rstd, rows, columns, vector);
        }
        else
        {
            center = mean[row];
            inverse = rstd[row];
            LayerNormParts.GradientSums(shared, dY, x, gamma, vector, start, columns, center, inverse);
        }

        LayerNormParts.AddUp(shared);
        if (row < 0)
        {
            LayerNormParts.WriteParameters(shared, Grid.IdxX, dGamma, dBeta, columns, accumulateParameters);
            return;
        }

        Float4 means = Quad.Scale(Quad.Add(shared[0], shared[1]), 1f / columns);
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

        float sum = GroupSum.Of128(shared, squares);
        return 1f / XMath.Sqrt(sum / columns + 1e-5f);
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

    /// <summary>The work items' shares of Σ g and Σ g·x̂ of a row, in X and Y.</summary>
    public static void GradientSums(
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

        shared[Group.IdxX] = new Float4(sum, product, 0f, 0f);
        shared[128 + Group.IdxX] = new Float4(0f, 0f, 0f, 0f);
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

    /// <summary>The work items' shares of Σᵣ dY·x̂ and Σᵣ dY of eight columns: two quads wide, 64 work items down the rows.</summary>
    public static void ParameterSums(
        ArrayView<Float4> shared, int group, ArrayView<float> dY, ArrayView<float> x, ArrayView<float> mean, ArrayView<float> rstd,
        int rows, int columns, int vector)
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
    }

    /// <summary>Adds the shares of the even work items up in that of the first, and those of the odd in the second's.</summary>
    public static void AddUp(ArrayView<Float4> shared)
    {
        int item = Group.IdxX;
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
    }

    /// <summary>dγ (+)= and dβ (+)= of eight columns from what <see cref="AddUp"/> left.</summary>
    public static void WriteParameters(
        ArrayView<Float4> shared, int group, ArrayView<float> dGamma, ArrayView<float> dBeta, int columns, int accumulate)
    {
        int item = Group.IdxX;
        int column = group * ColumnsPerGroup + 4 * item, valid = columns - column;
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
        _device, new LaunchSize(x.Rows), x.Data, gamma, beta, y.Data, mean, rstd, x.Columns,
        Vector(x.Data, gamma, beta, y.Data, lengths: x.Columns));

    public void LayerNormBackward(
        MatrixView dY, MatrixView x, View gamma, View mean, View rstd,
        MatrixView dX, bool accumulate, View dGamma, View dBeta, bool accumulateParameters) => LayerNormKernels.LayerNormBackward(
            _device, new LaunchSize(Groups(x.Columns, LayerNormParts.ColumnsPerGroup) + x.Rows), dY.Data, x.Data, gamma, mean, rstd,
            dX.Data, dGamma, dBeta, x.Rows, x.Columns, Vector(dY.Data, x.Data, gamma, dX.Data, lengths: x.Columns),
            Flag(accumulate), Flag(accumulateParameters));
}
