using System.Text.Json.Nodes;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>The guard question whether a run collapsed where its forecast said.</summary>
internal static class ForecastAnswer
{
    private const string Definition =
        "forecast = mean field from a ridge fit before training; stage = lines of the mode's schedule; a stage collapses where the forecast has no rest "
        + "with half of the first cosine, and may be over before it gets there";

    /// <summary>The answer of a run.</summary>
    public static GuardAnswer Of(RunRecord run)
    {
        CollapseVerdict verdict = CollapseVerdict.Of(run);
        IReadOnlyList<RecordedStage> stages = run.Forecast?.Stages ?? [];
        int? epoch = verdict.Epoch ?? (verdict.Step is { } step ? EpochOf(run, step) : null);
        int? measured = epoch is { } at ? StageAt(stages, at) : null;
        int first = stages.TakeWhile(stage => !stage.Collapses).Count();
        int? forecast = first < stages.Count ? first + 1 : null;
        int? reached = run.Epochs.Count > 0 ? StageAt(stages, run.Epochs[^1].Epoch) : null;
        string answer = stages.Count == 0
            ? run.ForecastProblem ?? "no forecast.json in the folder"
            : $"{(forecast is { } stage ? $"forecast: collapses at stage {stage} (from epoch {stages[first].FirstEpoch})" : "forecast: stable")}; "
                + Happened(verdict, forecast, measured, reached);
        var figures = new JsonObject
        {
            ["forecast_collapse_stage"] = forecast,
            ["measured_collapse_stage"] = measured,
            ["last_stage_reached"] = reached,
        };
        return new GuardAnswer("forecast", "Collapsed where forecast?", answer, figures, "forecast.json; history.json; metrics.jsonl", Definition);
    }

    private static string Happened(CollapseVerdict verdict, int? forecast, int? measured, int? reached)
    {
        if (measured is { } stage)
        {
            string beside = forecast is not { } expected ? "NOT as forecast"
                : stage == expected ? "as forecast" : stage < expected ? "EARLIER than forecast" : "LATER than forecast";
            return $"measured: collapsed in stage {stage}, {beside}";
        }

        if (!verdict.HasLearned) return "measured: cannot be told yet";
        if (forecast is null) return "measured: no collapse, as forecast";
        return reached >= forecast
            ? $"measured: no collapse up to now, in stage {reached}, NOT as forecast"
            : "measured: no collapse so far; the run has not come to that stage";
    }

    private static int? StageAt(IReadOnlyList<RecordedStage> stages, int epoch)
    {
        int number = stages.Count(stage => stage.FirstEpoch <= epoch);
        return number > 0 ? number : null;
    }

    private static int EpochOf(RunRecord run, long step)
    {
        int record = 0;
        while (run.Logged.Steps[record] != step) record++;
        return run.Logged.Epochs[record];
    }
}
