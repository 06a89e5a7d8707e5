using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>Settings of AdamW. One object serves a whole run: a <see cref="Recording"/> reads its changing parts at every replay.</summary>
public sealed class AdamWSettings
{
    /// <summary>lr, positive; changes with the schedule.</summary>
    public double LearningRate { get; set; }

    /// <summary>t, 1 for the first update.</summary>
    public long Step { get; set; } = 1;

    /// <summary>Decay β₁ of the first moment.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay β₂ of the second moment.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>ε added to √v̂.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled decay wd.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Clip: gradients are scaled by min(1, max/(norm + 1e-6)); infinity switches it off.</summary>
    public double MaxGradientNorm { get; init; } = double.PositiveInfinity;
}

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
    /// <param name="settings">Constants, learning rate and number of this step.</param>
    void AdamW(View parameters, View gradient, View firstMoment, View secondMoment, View gradientNorm, AdamWSettings settings);
}
