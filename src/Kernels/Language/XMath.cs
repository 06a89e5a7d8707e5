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

    /// <summary>erf x</summary>
    public static float Erf(float x) => float.IsNaN(x) ? x : Math.Abs(x) >= 6 ? Math.Sign(x) : (float)ErfSeries(x);

    /// <summary>√x, correctly rounded.</summary>
    public static float Sqrt(float x) => MathF.Sqrt(x);

    /// <summary>|x|</summary>
    public static float Abs(float x) => MathF.Abs(x);

    /// <summary>The larger, +0 above −0; NaN when either is.</summary>
    public static float Max(float a, float b) =>
        a > b || float.IsNaN(a) ? a : a == b ? Interop.IntAsFloat(Interop.FloatAsInt(a) & Interop.FloatAsInt(b)) : b;

    /// <summary>The smaller, −0 below +0; NaN when either is. Not MathF.Min, which .NET 10 compiles to +0 for a constant −0 and +0.</summary>
    public static float Min(float a, float b) =>
        a < b || float.IsNaN(a) ? a : a == b ? Interop.IntAsFloat(Interop.FloatAsInt(a) | Interop.FloatAsInt(b)) : b;

    /// <summary>The larger.</summary>
    public static int Max(int a, int b) => Math.Max(a, b);

    /// <summary>The smaller.</summary>
    public static int Min(int a, int b) => Math.Min(a, b);

    // erf(x) = 2/√π · e^(−x²) · Σₙ 2ⁿ x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6): all terms have one sign, so nothing cancels.
    private static double ErfSeries(double x)
    {
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > Math.Abs(sum) * 1e-17; n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
