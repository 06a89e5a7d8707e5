namespace P6bNative.Trainer.Loss;

/// <summary>Everything the loss of one step says; means are over the batch.</summary>
internal readonly record struct StepReport
{
    /// <summary>L, the value that is differentiated.</summary>
    public double Loss { get; init; }

    /// <summary>Mean over B·D of (raw − target)².</summary>
    public double Mse { get; init; }

    /// <summary>L_dir, unweighted; 0 in a mode without it.</summary>
    public double Dir { get; init; }

    /// <summary>λ after clamp and ρ cap, whether or not the step was skipped.</summary>
    public double LambdaEff { get; init; }

    /// <summary>ρ = λ·L_dir/mse before the cap.</summary>
    public double Rho { get; init; }

    /// <summary>ρ after the cap.</summary>
    public double RhoCapped { get; init; }

    /// <summary>True where the cap changed λ by more than rounding.</summary>
    public bool Rescaled { get; init; }

    /// <summary>Mean cos(raw, target).</summary>
    public double Pos { get; init; }

    /// <summary>Mean cos(raw, negative).</summary>
    public double Neg { get; init; }

    /// <summary>Mean pos − neg.</summary>
    public double Gap { get; init; }

    /// <summary>Mean of the samples' ratios.</summary>
    public double Ratio { get; init; }

    /// <summary>The positive floor, unweighted.</summary>
    public double Floor { get; init; }

    /// <summary>The norm penalty, unweighted.</summary>
    public double NormPenalty { get; init; }

    /// <summary>The orthogonality penalty, mean neg², unweighted; 0 in a mode without it.</summary>
    public double Orthogonality { get; init; }

    /// <summary>Factor of the confidence gate; 1 in a mode without it.</summary>
    public double Confidence { get; init; }

    /// <summary>The fraction that λ was solved for: ρ of the stage in force.</summary>
    public double TargetRho { get; init; }

    /// <summary>Cap of ρ of the stage in force; +∞ for none.</summary>
    public double RhoCap { get; init; }

    /// <summary>λ·L_dir/(mse + 1e-8) as applied: 0 in a skipped step.</summary>
    public double Fraction { get; init; }

    /// <summary>m_gap of the stage in force.</summary>
    public double MarginGap { get; init; }

    /// <summary>The rule that left the directional term out, or null.</summary>
    public string? SkipReason { get; init; }

    /// <summary>G = ‖∇λL_dir‖/‖∇mse‖, both by raw over the batch, after every cap; 0 where skipped.</summary>
    public double GradientRatio { get; init; }

    /// <summary>True where <see cref="LossMode.GradientCap"/> scaled λ down.</summary>
    public bool GradientCapped { get; init; }

    /// <summary>s, the pressure on the gap over the restoring force of the MSE: <see cref="GuardPressure.OnGap"/>.</summary>
    public double Pressure { get; init; }

    /// <summary>S, the limit that the pressure of an auto-scaled mode tends to: <see cref="GuardPressure.Limit"/>.</summary>
    public double PressureLimit { get; init; }

    /// <summary>Why the run must stop, from the stop rule of a mode with a dual controller; else null.</summary>
    public string? Collapse { get; init; }

    /// <summary>Mean ‖raw‖.</summary>
    public double RawNorm { get; init; }

    /// <summary>Mean cosine of output and target.</summary>
    public double Cosine { get; init; }

    /// <summary>True where the directional term was left out by a skip rule.</summary>
    public bool Skip => SkipReason is not null;
}
