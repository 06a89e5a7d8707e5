using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>Settings of one AdamW update.</summary>
/// <param name="LearningRate">lr, positive.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">ε added to √v̂.</param>
/// <param name="WeightDecay">Decoupled decay wd.</param>
/// <param name="MaxGradientNorm">Clip: gradients are scaled by min(1, max/(norm + 1e-6)); infinity switches it off.</param>
/// <param name="Step">t, 1 for the first update.</param>
public readonly record struct AdamWSettings(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, double MaxGradientNorm, long Step);

public partial interface IOperations
{
    /// <summary>
    /// In one pass, with g' = g·clip: p ← p·(1 − lr·wd); m ← β₁m + (1−β₁)g'; v ← β₂v + (1−β₂)g'²;
    /// p ← p − lr/(1−β₁ᵗ)·m/(√v/√(1−β₂ᵗ) + ε) (Loshchilov and Hutter 2019, in PyTorch's order).
    /// Writes nothing when the norm is not finite: a sick gradient never reaches the weights.
    /// </summary>
    /// <param name="parameters">N elements, updated.</param>
    /// <param name="gradient">N elements.</param>
    /// <param name="firstMoment">N elements, updated.</param>
    /// <param name="secondMoment">N elements, updated.</param>
    /// <param name="gradientNorm">One element, from <see cref="GradientNorm"/>.</param>
    /// <param name="settings">Constants of this step.</param>
    void AdamW(View parameters, View gradient, View firstMoment, View secondMoment, View gradientNorm, in AdamWSettings settings);
}
