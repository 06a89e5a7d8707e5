namespace P6bNative.Trainer.Guardrails;

/// <summary>Counts and sums over the steps of an epoch so far: plain numbers, so that a checkpoint inside an epoch can hold them.</summary>
internal readonly record struct EpochTotals
{
    /// <summary>Steps taken.</summary>
    public long Steps { get; init; }

    /// <summary>Steps whose directional term was skipped.</summary>
    public long Skips { get; init; }

    /// <summary>Steps whose λ the ρ cap scaled down.</summary>
    public long Rescales { get; init; }

    /// <summary>Steps with mean pos or mean neg below 0.</summary>
    public long NegativeCosines { get; init; }

    /// <summary>Σ loss.</summary>
    public double Loss { get; init; }

    /// <summary>Σ MSE.</summary>
    public double Mse { get; init; }

    /// <summary>Σ cosine of output and target.</summary>
    public double Cosine { get; init; }

    /// <summary>Σ λ after the cap.</summary>
    public double LambdaEff { get; init; }

    /// <summary>Σ ρ before the cap.</summary>
    public double Rho { get; init; }

    /// <summary>Σ pos.</summary>
    public double Pos { get; init; }

    /// <summary>Σ neg.</summary>
    public double Neg { get; init; }

    /// <summary>Σ gap.</summary>
    public double Gap { get; init; }

    /// <summary>Σ ratio.</summary>
    public double Ratio { get; init; }

    /// <summary>Largest ρ before the cap.</summary>
    public double MaxRho { get; init; }

    /// <summary>Smallest pos.</summary>
    public double MinPos { get; init; }

    /// <summary>Steps whose λ the gradient cap scaled down.</summary>
    public long GradientCaps { get; init; }

    /// <summary>Σ G.</summary>
    public double GradientRatio { get; init; }

    /// <summary>Largest G.</summary>
    public double MaxGradientRatio { get; init; }

    /// <summary>Σ s.</summary>
    public double Pressure { get; init; }

    /// <summary>Largest s.</summary>
    public double MaxPressure { get; init; }

    /// <summary>Largest S.</summary>
    public double MaxPressureLimit { get; init; }

    /// <summary>Mean over the steps of one of the sums; 0 before the first step.</summary>
    public double Mean(double sum) => Steps == 0 ? 0 : sum / Steps;
}
