using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>A stage of a run's forecast beside what happened in it.</summary>
/// <param name="Forecast">What forecast.json says.</param>
/// <param name="LastEpoch">The stage's last finished epoch; null where the run has not come so far.</param>
/// <param name="Cosine">Validation cosine of that epoch; NaN without one, as below.</param>
/// <param name="Margin">Validation margin against the run's negative.</param>
/// <param name="Subtraction">Cosine of the forecast's predictor minus a share of the negative, at that margin; NaN off the curve.</param>
internal sealed record StageOutcome(RecordedStage Forecast, RecordedEpoch? LastEpoch, double Cosine, double Margin, double Subtraction)
{
    /// <summary>The stages of a run's forecast; none where it has no forecast.</summary>
    public static IReadOnlyList<StageOutcome> Of(RunRecord run)
    {
        if (run.Forecast is not { } forecast) return [];
        return [.. forecast.Stages.Select((stage, i) =>
        {
            int end = i + 1 < forecast.Stages.Count ? forecast.Stages[i + 1].FirstEpoch : int.MaxValue;
            RecordedEpoch? last = run.Epochs.LastOrDefault(epoch => epoch.Epoch >= stage.FirstEpoch && epoch.Epoch < end);
            return last is null
                ? new StageOutcome(stage, null, double.NaN, double.NaN, double.NaN)
                : new StageOutcome(stage, last, last["val_cosine"], NegativeMargin(run, last), SubtractionCosine(run, last));
        })];
    }

    /// <summary>Cosine of μ − α·q at the margin of an epoch of a run with a directional term; NaN where there is none.</summary>
    public static double SubtractionCosine(RunRecord run, RecordedEpoch epoch) =>
        run.Forecast is { Negative: not null } forecast ? forecast.AtMargin(NegativeMargin(run, epoch))?.Cosine ?? double.NaN : double.NaN;

    private static double NegativeMargin(RunRecord run, RecordedEpoch epoch) => epoch[$"val_margins[{run.Forecast!.NegativeSlot}]"];
}
