namespace P6bNative.Trainer.Loss;

/// <summary>softplus(z) = log(1 + eᶻ), with PyTorch's switch to the identity above z = 20.</summary>
internal static class Softplus
{
    private const double Threshold = 20;

    /// <summary>The value.</summary>
    public static double Value(double z)
    {
        if (z > Threshold)
            return z;
        double x = Math.Exp(z);
        double u = 1 + x;
        // Kahan's log1p: the rounding of 1 + x is divided out.
        return u == 1 ? x : Math.Log(u) * (x / (u - 1));
    }

    /// <summary>The derivative: the logistic function, 1 where the value is the identity.</summary>
    public static double Derivative(double z) => z > Threshold ? 1 : 1 / (1 + Math.Exp(-z));
}
