using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Guardrails;

/// <summary>Counts every step of an epoch, logged or not: the log lines alone would show one skip in two hundred.</summary>
internal sealed class GuardrailCounters
{
    /// <summary>The epoch so far; set it to go on from a checkpoint.</summary>
    public EpochTotals Totals { get; set; }

    /// <summary>Adds a step.</summary>
    public void Add(in StepReport step)
    {
        EpochTotals t = Totals;
        Totals = new EpochTotals
        {
            Steps = t.Steps + 1,
            Skips = t.Skips + (step.Skip ? 1 : 0),
            Rescales = t.Rescales + (step.Rescaled ? 1 : 0),
            NegativeCosines = t.NegativeCosines + (step.Pos < 0 || step.Neg < 0 ? 1 : 0),
            Loss = t.Loss + step.Loss,
            Mse = t.Mse + step.Mse,
            Cosine = t.Cosine + step.Cosine,
            LambdaEff = t.LambdaEff + step.LambdaEff,
            Rho = t.Rho + step.Rho,
            Pos = t.Pos + step.Pos,
            Neg = t.Neg + step.Neg,
            Gap = t.Gap + step.Gap,
            Ratio = t.Ratio + step.Ratio,
            MaxRho = Math.Max(t.MaxRho, step.Rho),
            MinPos = t.Steps == 0 ? step.Pos : Math.Min(t.MinPos, step.Pos),
            GradientCaps = t.GradientCaps + (step.GradientCapped ? 1 : 0),
            GradientRatio = t.GradientRatio + step.GradientRatio,
            MaxGradientRatio = Math.Max(t.MaxGradientRatio, step.GradientRatio),
            Pressure = t.Pressure + step.Pressure,
            MaxPressure = Math.Max(t.MaxPressure, step.Pressure),
            MaxPressureLimit = Math.Max(t.MaxPressureLimit, step.PressureLimit),
        };
    }

    /// <summary>Starts an epoch.</summary>
    public void Reset() => Totals = default;
}
