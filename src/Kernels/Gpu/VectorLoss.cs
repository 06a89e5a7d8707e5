using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// The sums of <see cref="LossStatistics"/> and the gradient they lead to. Forward: a group of 128 for each sample and each vector it is
/// compared with, target first (grid: samples × (1 + slots)). Backward: groups of 256 over samples·⌈columns/4⌉ quads, one a work item.
/// </summary>
internal static partial class VectorLossKernels
{
    /// <summary>
    /// raw·v and v·v for one v of the sample; for the target also Σ(raw − v)² and raw·raw, for a context target·v. Every sum carries what rounding took from it
    /// (Ogita, Rump and Oishi 2005): a cosine near 0 is what is left of terms that cancel.
    /// </summary>
    [Kernel(128)]
    public static void VectorLossForward(
        ArrayView<float> raw, ArrayView<float> target, ArrayView<float> context, ArrayView<float> statistics, int slots, int columns)
    {
        ArrayView<Float4> sums = SharedMemory.Allocate<Float4>(128);
        ArrayView<Float4> errors = SharedMemory.Allocate<Float4>(128);
        int item = Group.IdxX, sample = Grid.IdxX, slot = Grid.IdxY - 1, start = sample * columns, contextStart = (sample * slots + slot) * columns;
        var sum = new Float4(0f, 0f, 0f, 0f);
        var error = new Float4(0f, 0f, 0f, 0f);
        for (int c = item; c < columns; c += 128)
        {
            float x = raw[start + c];
            float v = slot < 0 ? target[start + c] : context[contextStart + c];
            float t = target[start + c];
            var left = new Float4(slot < 0 ? x - v : t, x, v, x);
            var right = new Float4(slot < 0 ? x - v : v, x, v, v);
            Float4 product = Quad.Multiply(left, right);
            Float4 next = Quad.Add(sum, product);
            Float4 lost = Quad.Fma(left, right, new Float4(-product.X, -product.Y, -product.Z, -product.W));
            error = Quad.Add(error, Quad.Add(lost, Quad.SumError(sum, product, next)));
            sum = next;
        }

        sums[item] = sum;
        errors[item] = error;
        Group.Barrier();
        for (int half = 64; half > 0; half /= 2)
        {
            if (item < half)
            {
                Float4 next = Quad.Add(sums[item], sums[item + half]);
                Float4 lost = Quad.SumError(sums[item], sums[item + half], next);
                errors[item] = Quad.Add(Quad.Add(errors[item], errors[item + half]), lost);
                sums[item] = next;
            }

            Group.Barrier();
        }

        if (item == 0)
        {
            Float4 result = Quad.Add(sums[0], errors[0]);
            int row = sample * (4 + 3 * slots);
            if (slot < 0)
            {
                statistics[row + LossStatistics.SquaredError] = result.X;
                statistics[row + LossStatistics.RawSquared] = result.Y;
                statistics[row + LossStatistics.TargetSquared] = result.Z;
                statistics[row + LossStatistics.RawTarget] = result.W;
            }
            else
            {
                statistics[row + 4 + 3 * slot] = result.W;
                statistics[row + 5 + 3 * slot] = result.Z;
                statistics[row + 6 + 3 * slot] = result.X;
            }
        }
    }

    /// <summary>dRaw[b] (+)= e·(raw − target) + t·target + n·context[b, slot] + r·raw with the sample's coefficients.</summary>
    [Kernel(256)]
    public static void VectorLossBackward(
        ArrayView<float> raw, ArrayView<float> target, ArrayView<float> context, ArrayView<float> coefficients, ArrayView<float> dRaw,
        int slot, int slots, int rows, int columns, int vector, int accumulate)
    {
        QuadPlace quad = QuadPlace.OfItem(columns);
        if (quad.Row >= rows)
            return;
        int at = quad.Row * columns + quad.Column;
        int factors = quad.Row * LossCoefficients.Columns;
        Float4 x = Quad.Load(raw, vector, at, quad.Valid);
        Float4 t = Quad.Load(target, vector, at, quad.Valid);
        Float4 negative = Quad.Load(context, vector, (quad.Row * slots + slot) * columns + quad.Column, quad.Valid);
        Float4 gradient = Quad.Scale(Quad.Subtract(x, t), coefficients[factors + LossCoefficients.Error]);
        gradient = Quad.ScaledAdd(coefficients[factors + LossCoefficients.Target], t, gradient);
        gradient = Quad.ScaledAdd(coefficients[factors + LossCoefficients.Negative], negative, gradient);
        gradient = Quad.ScaledAdd(coefficients[factors + LossCoefficients.Raw], x, gradient);
        Quad.Put(dRaw, vector, at, quad.Valid, gradient, accumulate);
    }
}

internal sealed partial class GpuOperations
{
    public void VectorLossForward(MatrixView raw, MatrixView target, MatrixView context, MatrixView statistics)
    {
        int slots = context.Rows / raw.Rows;
        VectorLossKernels.VectorLossForward(
            _device, new LaunchSize(raw.Rows, 1 + slots), raw.Data, target.Data, context.Data, statistics.Data, slots, raw.Columns);
    }

    public void VectorLossBackward(
        MatrixView raw, MatrixView target, MatrixView context, int slot, MatrixView coefficients, MatrixView dRaw, bool accumulate) =>
        VectorLossKernels.VectorLossBackward(
            _device, QuadGroups(raw), raw.Data, target.Data, context.Data, coefficients.Data, dRaw.Data,
            slot, context.Rows / raw.Rows, raw.Rows, raw.Columns,
            Vector(raw.Data, target.Data, context.Data, dRaw.Data, lengths: raw.Columns), Flag(accumulate));
}
