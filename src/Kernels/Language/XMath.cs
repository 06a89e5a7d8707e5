namespace P6bNative.Kernels.Language;

/// <summary>Functions of float without approximation: errors of at most a few units in the last place on every device.</summary>
public static class XMath
{
    /// <summary>a·b + c with one rounding.</summary>
    public static float Fma(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    /// <summary>eˣ</summary>
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>ln x</summary>
    public static float Log(float x) => MathF.Log(x);

    /// <summary>tanh x</summary>
    public static float Tanh(float x) => MathF.Tanh(x);

    /// <summary>√x, correctly rounded.</summary>
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>|x|</summary>
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>The larger; NaN when either is.</summary>
    public static float Max(float a, float b) => MathF.Max(a, b);

    /// <summary>The smaller; NaN when either is.</summary>
    public static float Min(float a, float b) => MathF.Min(a, b);

    /// <summary>The larger.</summary>
    public static int Max(int a, int b) => Math.Max(a, b);

    /// <summary>The smaller.</summary>
    public static int Min(int a, int b) => Math.Min(a, b);
}
