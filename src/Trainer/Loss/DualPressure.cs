namespace P6bNative.Trainer.Loss;

/// <summary>
/// Constants of a mode whose directional term is linear, L = mse − λ·mean gap, with λ = 2cs/D and a pressure s that a dual step moves until the gap is
/// the wanted margin. A linear term under that λ ends at α = s/(1 + s) of the subtraction norm(E[target] − α·negative), so the cap of s bounds the
/// worst case beforehand and there is no fold to fall over.
/// </summary>
internal sealed record DualPressure
{
    /// <summary>m: the mean gap pos − neg that the pressure is driven to.</summary>
    public required double Margin { get; init; }

    /// <summary>η: a step changes s by η·(m − running gap).</summary>
    public required double Rate { get; init; }

    /// <summary>Largest s.</summary>
    public required double MaxPressure { get; init; }

    /// <summary>Share of the run's steps that train on the MSE alone first.</summary>
    public required double WarmupShare { get; init; }

    /// <summary>The run stops where the running cosine falls below this share of what it was at the end of the warm-up.</summary>
    public required double CollapseShare { get; init; }
}
