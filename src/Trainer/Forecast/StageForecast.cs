using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Forecast;

/// <summary>What a stage of a mode comes to.</summary>
/// <param name="Stage">Its settings.</param>
/// <param name="Margin">The gap that is asked for.</param>
/// <param name="K">γ·fraction, the strength of an auto-scaled stage; 0 in a mode that is none.</param>
/// <param name="Rest">The fixed point; null where there is none with a positive cosine.</param>
/// <param name="Collapses">Whether there is no fixed point that keeps at least half of the cosine at α = 0.</param>
internal sealed record StageForecast(Stage Stage, double Margin, double K, MeanFieldPoint? Rest, bool Collapses);
