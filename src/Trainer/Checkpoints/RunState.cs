using System.Text.Json;
using System.Text.Json.Serialization;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Optimization;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Checkpoints;

/// <summary>
/// Where a run stands between two steps, besides weights and moments. Random streams are functions of (seed, step, epoch), so this
/// position is their whole state.
/// </summary>
internal sealed record RunState
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Steps done since the start of the run.</summary>
    public long Step { get; init; }

    /// <summary>Epoch in progress, from 1.</summary>
    public int Epoch { get; init; } = 1;

    /// <summary>Batches done in this epoch.</summary>
    public int Batch { get; init; }

    /// <summary>Sums of this epoch so far.</summary>
    public EpochTotals Totals { get; init; }

    /// <summary>Learning-rate schedule.</summary>
    public PlateauState Plateau { get; init; }

    /// <summary>Dual controller, in a mode that has one.</summary>
    public DualState Dual { get; init; }

    /// <summary>Training windows of the data; another number means other data.</summary>
    public int TrainWindows { get; init; }

    /// <summary>Validation windows of the data.</summary>
    public int ValidationWindows { get; init; }

    /// <summary>Lowest validation loss so far; null before the first epoch's end.</summary>
    public double? BestValidationLoss { get; init; }

    /// <summary>Finished epochs.</summary>
    public IReadOnlyList<EpochRecord> History { get; init; } = [];

    /// <summary>The state as text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not a state.</exception>
    public static RunState FromJson(string text) =>
        JsonSerializer.Deserialize<RunState>(text, Json) ?? throw new JsonException("The run state is null.");
}
