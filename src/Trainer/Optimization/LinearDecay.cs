namespace P6bNative.Trainer.Optimization;

/// <summary>A constant learning rate, then a straight line to 0 at the end of the run.</summary>
/// <param name="LearningRate">The rate at the start.</param>
/// <param name="ConstantSteps">Steps before the rate starts to fall.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
internal readonly record struct LinearDecay(double LearningRate, long ConstantSteps, long TotalSteps)
{
    /// <summary>The rate of a step, counted from 1; the last step still moves.</summary>
    public double At(long step) =>
        step <= ConstantSteps ? LearningRate : LearningRate * (TotalSteps - step + 1) / (TotalSteps - ConstantSteps + 1);
}
