using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Language;
using P6bNative.Kernels.Operations;

namespace P6bNative.Kernels.Gpu;

/// <summary>
/// Dropout in a kernel. The step's key is read from device memory, so that a recorded launch sees each step's own; probability 0 is
/// threshold 0 and scale 1.
/// </summary>
internal static class DropoutLanes
{
    /// <summary>The key of operation <paramref name="site"/> in this step, from the two words of the step's key.</summary>
    public static ulong StepKey(ArrayView<uint> key, uint site) => CounterRandom.Mix(((ulong)key[1] << 32) | key[0], site);

    /// <summary>The value scaled, or 0 where it is dropped.</summary>
    public static float Apply(float value, uint index, ulong stepKey, uint threshold, float scale)
    {
        if (CounterRandom.Bits(index, (uint)stepKey, (uint)(stepKey >> 32)) >= threshold)
            return value * scale;
        return 0f;
    }

    /// <summary>Elements index .. index + 3.</summary>
    public static Float4 ApplyQuad(Float4 value, uint index, ulong stepKey, uint threshold, float scale) => new Float4(
        Apply(value.X, index, stepKey, threshold, scale),
        Apply(value.Y, index + 1, stepKey, threshold, scale),
        Apply(value.Z, index + 2, stepKey, threshold, scale),
        Apply(value.W, index + 3, stepKey, threshold, scale));
}

/// <summary>y = dropout(x) over dense elements. Launch: ⌈count/1024⌉ groups of 256, four elements a work item.</summary>
internal static partial class DropoutKernels
{
    /// <summary>y[i] (+)= keeps(i)·scale·x[i]. In place allowed.</summary>
    [Kernel(256)]
    public static void ScaledMask(
        ArrayView<float> x, ArrayView<float> y, int count, int vector, ArrayView<uint> key, uint site, uint threshold, float scale, int accumulate)
    {
        int at = 4 * (Grid.IdxX * 256 + Group.IdxX);
        if (at >= count)
            return;
        Float4 value = Quad.Load(x, vector, at, count - at);
        if (threshold != 0)
            value = DropoutLanes.ApplyQuad(value, (uint)at, DropoutLanes.StepKey(key, site), threshold, scale);
        Quad.Put(y, vector, at, count - at, value, accumulate);
    }
}

internal sealed partial class GpuOperations
{
    public void DropoutForward(MatrixView x, MatrixView y, Dropout dropout) => DropoutBackward(x, y, dropout, accumulate: false);

    public void DropoutBackward(MatrixView dY, MatrixView dX, Dropout dropout, bool accumulate)
    {
        int count = Count(dY);
        DropoutKernels.ScaledMask(
            _device, new LaunchSize(Groups(count, 1024)), dY.Data, dX.Data, count, Vector(dY.Data, dX.Data),
            _stepScalars.Of(dropout.Key), dropout.Site, dropout.Threshold, dropout.Scale, Flag(accumulate));
    }
}
