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
