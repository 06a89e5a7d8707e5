using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Telemetry;

/// <summary>One line of metrics.jsonl.</summary>
/// <param name="Step">Optimizer steps since the start of the run, this one included.</param>
/// <param name="Epoch">Counted from 1.</param>
/// <param name="Report">What the loss said.</param>
/// <param name="GradientNorm">‖gradient‖ before clipping.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="Milliseconds">Wall-clock time of this step.</param>
internal readonly record struct StepRecord(long Step, int Epoch, StepReport Report, double GradientNorm, double LearningRate, double Milliseconds);
