using P6bNative.Kernels.Language;

namespace P6bNative.Kernels.Gpu;

/// <summary>Functions of recurrent cells, per component.</summary>
internal static class CellMath
{
    /// <summary>σ(x) = 1/(1 + e^(−x))</summary>
    public static Float4 Sigmoid(Float4 x) => new Float4(Sigmoid(x.X), Sigmoid(x.Y), Sigmoid(x.Z), Sigmoid(x.W));

    public static Float4 Tanh(Float4 x) => new Float4(XMath.Tanh(x.X), XMath.Tanh(x.Y), XMath.Tanh(x.Z), XMath.Tanh(x.W));

    /// <summary>1 − x</summary>
    public static Float4 OneMinus(Float4 x) => new Float4(1f - x.X, 1f - x.Y, 1f - x.Z, 1f - x.W);

    private static float Sigmoid(float x) => 1f / (1f + XMath.Exp(-x));
}
