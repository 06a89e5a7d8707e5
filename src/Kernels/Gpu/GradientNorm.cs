using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// norm = √Σ g² in two launches: groups of 256 over 16,384 elements each write their sums; one group adds these. Squares of large, usual
/// and small numbers have a sum of their own each, the first and last scaled (Blue 1978), so that none overflows or vanishes.
/// </summary>
internal static partial class GradientNormKernels
{
    /// <summary>Elements of one group.</summary>
    public const int ElementsPerGroup = 16_384;

    // Usual: 2⁻⁵⁰ to 2⁵⁰. The others are scaled by 2⁻⁹⁰ and 2⁷⁵ before they are squared.
    private const float LargeFrom = 1.12589991e15f, SmallBelow = 8.8817842e-16f;
    private const float DownScale = 8.07793567e-28f, UpScale = 3.77789319e22f;

    /// <summary>sums[4·group ..] = the group's sums of large, usual and small squares, and 0.</summary>
    [Kernel(256)]
    public static void SumSquares(ArrayView<float> gradient, int count, int vector, ArrayView<float> sums)
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(256);
        int item = Group.IdxX, start = Grid.IdxX * ElementsPerGroup + 4 * item;
        var sum = new Float4(0f, 0f, 0f, 0f);
        for (int i = 0; i < ElementsPerGroup / 1024; i++)
        {
            int at = start + 1024 * i;
            if (at < count)
            {
                Float4 value = Quad.Load(gradient, vector, at, count - at);
                sum = AddSquare(AddSquare(AddSquare(AddSquare(sum, value.X), value.Y), value.Z), value.W);
            }
        }

        shared[item] = sum;
        AddUp(shared);
        if (item == 0)
            Quad.Store(sums, 1, 4 * Grid.IdxX, 4, shared[0]);
    }

    /// <summary>norm[0] from the sums of all groups; one group.</summary>
    [Kernel(256)]
    public static void NormOfSums(ArrayView<float> sums, int groups, ArrayView<float> norm)
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(256);
        int item = Group.IdxX;
        var sum = new Float4(0f, 0f, 0f, 0f);
        for (int i = item; i < groups; i += 256)
            sum = Quad.Add(sum, Quad.Load(sums, 1, 4 * i, 4));
        shared[item] = sum;
        AddUp(shared);
        if (item == 0)
            norm[0] = Root(shared[0]);
    }

    /// <summary>Adds the sums of all work items up in the first's.</summary>
    private static void AddUp(ArrayView<Float4> shared)
    {
        int item = Group.IdxX;
        Group.Barrier();
        for (int half = 128; half > 0; half /= 2)
        {
            if (item < half)
                shared[item] = Quad.Add(shared[item], shared[item + half]);
            Group.Barrier();
        }
    }

    private static Float4 AddSquare(Float4 sum, float value)
    {
        float size = XMath.Abs(value);
        if (size > LargeFrom)
            return new Float4(XMath.Fma(size * DownScale, size * DownScale, sum.X), sum.Y, sum.Z, 0f);
        if (size < SmallBelow)
            return new Float4(sum.X, sum.Y, XMath.Fma(size * UpScale, size * UpScale, sum.Z), 0f);
        return new Float4(sum.X, XMath.Fma(size, size, sum.Y), sum.Z, 0f);
    }

    private static float Root(Float4 sum)
    {
        // Where there are large squares the small ones are below a unit in their last place, but NaN must pass.
        if (sum.X > 0)
            return XMath.Sqrt(sum.X + sum.Y * DownScale * DownScale) / DownScale;
        if (sum.Z > 0)
        {
            float small = XMath.Sqrt(sum.Z) / UpScale, usual = XMath.Sqrt(sum.Y);
            float larger = XMath.Max(small, usual), ratio = XMath.Min(small, usual) / larger;
            return larger * XMath.Sqrt(XMath.Fma(ratio, ratio, 1f));
        }

        return XMath.Sqrt(sum.X + sum.Y);
    }
}

internal sealed partial class GpuOperations
{
    public void GradientNorm(View gradient, View norm)
    {
        int count = checked((int)gradient.Length), groups = Groups(count, GradientNormKernels.ElementsPerGroup);
        View sums = _scratch.Floats(4L * groups);
        GradientNormKernels.SumSquares(_device, new LaunchSize(groups), gradient, count, Vector(gradient), sums);
        GradientNormKernels.NormOfSums(_device, new LaunchSize(1), sums, groups, norm);
    }
}
