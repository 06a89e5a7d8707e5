namespace P6bNative.Trainer.Loss;

/// <summary>The cosines of the original trainer, from dot products and norms. A zero vector gives 0, never NaN.</summary>
internal static class Cosine
{
    /// <summary>Lower bound of a norm in the loss functions: unit(x) = x/max(‖x‖, 1e-8).</summary>
    public const double LossNormFloor = 1e-8;

    /// <summary>Lower bound of the raw norm in the model's output p = raw/max(‖raw‖, 1e-12).</summary>
    public const double OutputNormFloor = 1e-12;

    /// <summary>a·b/(max(‖a‖, 1e-8)·max(‖b‖, 1e-8)), as inside the loss.</summary>
    public static double InLoss(double dot, double normA, double normB) =>
        dot / (Math.Max(normA, LossNormFloor) * Math.Max(normB, LossNormFloor));

    /// <summary>p·x for the model's output p = raw/max(‖raw‖, 1e-12) and a vector x as it is stored.</summary>
    public static double OutputDot(double rawDot, double rawNorm) => rawDot / Math.Max(rawNorm, OutputNormFloor);

    /// <summary>Training and validation cosine of the output p and the target: p·t/((‖p‖ + 1e-8)(‖t‖ + 1e-8)).</summary>
    public static double OfOutput(double rawTarget, double rawNorm, double targetNorm)
    {
        double outputNorm = OutputDot(rawNorm, rawNorm);
        return OutputDot(rawTarget, rawNorm) / ((outputNorm + 1e-8) * (targetNorm + 1e-8));
    }
}
