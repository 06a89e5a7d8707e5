using System.Runtime.CompilerServices;

namespace P6bNative.Kernels.Language;

/// <summary>Sixteen floats, for OpenCL devices of processor type (float16 there); not available in CUDA.</summary>
[InlineArray(16)]
public struct Float16
{
    private float _element;

    /// <summary>All components equal.</summary>
    public static Float16 Splat(float value)
    {
        Float16 result = default;
        for (int i = 0; i < 16; i++)
            result[i] = value;
        return result;
    }

    /// <summary>a·b + c with one rounding, per component.</summary>
    public static Float16 Fma(Float16 a, Float16 b, Float16 c)
    {
        for (int i = 0; i < 16; i++)
            c[i] = MathF.FusedMultiplyAdd(a[i], b[i], c[i]);
        return c;
    }
}
