using System.Text.Json;
using P6bNative.Trainer.Loss;

namespace P6bNative.Trainer.Telemetry;

/// <summary>Where the last checkpoint stands, and how many windows the run found in its data.</summary>
internal readonly record struct RecordedPosition(long Step, long TrainWindows, long ValidationWindows);

/// <summary>Everything a run folder says, as <see cref="RunReader"/> found it: finished runs, runs in progress and those of older versions.</summary>
internal sealed record RunRecord
{
    /// <summary>The folder, absolute.</summary>
    public required string Path { get; init; }

    /// <summary>config.json.</summary>
    public required JsonElement Config { get; init; }

    /// <summary>history.json: the finished epochs in order; counts and means over every step.</summary>
    public IReadOnlyList<RecordedEpoch> Epochs { get; init; } = [];

    /// <summary>metrics.jsonl: every <see cref="LogEvery"/>-th step.</summary>
    public LoggedSteps Logged { get; init; } = new();

    /// <summary>The last checkpoint; null before the first one.</summary>
    public RecordedPosition? Position { get; init; }

    /// <summary>Why a guard stopped the run: the line of training.log; null where none did.</summary>
    public string? StoppedBy { get; init; }

    /// <summary>evaluation.json; null where the model has not been evaluated.</summary>
    public JsonElement? Evaluation { get; init; }

    /// <summary>forecast.json, where it is of this run; null where there is none.</summary>
    public RecordedForecast? Forecast { get; init; }

    /// <summary>Why the forecast.json in the folder cannot be used; null where it can, or is not there.</summary>
    public string? ForecastProblem { get; init; }

    /// <summary>A setting as text, or null.</summary>
    public string? Setting(string key) => Config.TryGetProperty(key, out JsonElement value) ? value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => value.GetRawText(),
    }
    : null;

    /// <summary>A constant of the mode; NaN where the folder does not say.</summary>
    public double ModeConstant(string key) =>
        ModeConstantElement(key) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : double.NaN;

    /// <summary>The context slot of the loss's negative, <c>ctx0</c> .. <c>ctx4</c>; without one that of the mode's default.</summary>
    public string Negative => Setting("negative")
        ?? (ModeConstant("default_negative_slot") is double slot && double.IsFinite(slot) ? $"ctx{slot:F0}" : "ctx3");

    /// <summary>Batches from one record of metrics.jsonl to the next; 0 where the folder does not say.</summary>
    public long LogEvery => long.TryParse(Setting("log_every"), out long every) ? every : 0;

    /// <summary>Steps of the finished epochs.</summary>
    public long EpochSteps => Epochs.Sum(epoch => double.IsFinite(epoch["steps"]) ? (long)epoch["steps"] : 0);

    /// <summary>The last step that any of the files knows of.</summary>
    public long LastStep => Math.Max(EpochSteps, Math.Max(Position?.Step ?? 0, Logged.Count > 0 ? Logged.Steps[^1] : 0));

    /// <summary>What makes an epoch the best, in words.</summary>
    public string BestBy => LossMode.BestBy(IsBestByRetrieval);

    /// <summary>The best epoch, whose weights are best.safetensors; null before the first one.</summary>
    public RecordedEpoch? Best => IsBestByRetrieval
        ? Epochs.Where(epoch => double.IsFinite(epoch["val_in_article_mrr"])).MaxBy(epoch => epoch["val_in_article_mrr"])
        : Epochs.Where(epoch => double.IsFinite(epoch["val_loss"])).MinBy(epoch => epoch["val_loss"]);

    private bool IsBestByRetrieval => ModeConstantElement("best_by_retrieval") is { ValueKind: JsonValueKind.True };

    private JsonElement? ModeConstantElement(string key) =>
        Config.TryGetProperty("mode_constants", out JsonElement mode) && mode.ValueKind == JsonValueKind.Object
            && mode.TryGetProperty(key, out JsonElement value)
            ? value
            : null;
}
