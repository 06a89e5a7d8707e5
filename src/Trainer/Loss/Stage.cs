namespace P6bNative.Trainer.Loss;

/// <summary>One line of a mode's schedule.</summary>
/// <param name="FirstEpoch">First epoch of the stage, counted from 1.</param>
/// <param name="MarginGap">m_gap: the gap pos − neg that the directional loss asks for.</param>
/// <param name="Fraction">Wanted value of λ·L_dir as a fraction of the MSE.</param>
/// <param name="RhoCap">Largest ρ = λ·L_dir/mse; above it λ is scaled down. +∞ for none.</param>
internal readonly record struct Stage(int FirstEpoch, double MarginGap, double Fraction, double RhoCap);
