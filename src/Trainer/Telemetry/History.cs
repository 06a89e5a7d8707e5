using System.Text.Json;
using System.Text.Json.Serialization;

namespace P6bNative.Trainer.Telemetry;

/// <summary>history.json: one record per epoch under the original's head.</summary>
internal sealed record History
{
    /// <summary>The original's name of the architecture.</summary>
    [JsonPropertyName("model_type")]
    public string ModelType { get; init; } = "transformer";

    /// <summary>The architecture in words.</summary>
    [JsonPropertyName("model_name")]
    public string ModelName { get; init; } = "Transformer Decoder";

    /// <summary>The epochs, by rising number.</summary>
    [JsonPropertyName("history")]
    public IReadOnlyList<EpochRecord> Epochs { get; init; } = [];

    /// <summary>Lowest validation loss; null in the file before the first epoch.</summary>
    [JsonPropertyName("best_val_loss")]
    public double BestValidationLoss { get; init; } = double.NaN;

    /// <summary>Number of trained parameters.</summary>
    [JsonPropertyName("final_params")]
    public long FinalParams { get; init; }

    /// <summary>When the file was written.</summary>
    [JsonPropertyName("trained_at")]
    public DateTimeOffset TrainedAt { get; init; }

    /// <summary>This history with one more epoch; records of that epoch and later ones, from before a resume, give way.</summary>
    public History With(EpochRecord epoch)
    {
        EpochRecord[] epochs = [.. Epochs.Where(kept => kept.Epoch < epoch.Epoch), epoch];
        double best = epochs.Select(kept => kept.ValidationLoss).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Min();
        return this with { Epochs = epochs, BestValidationLoss = best };
    }

    /// <summary>Replaces the file; NaN and infinities become null.</summary>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, this, HistoryJson.Default.History));
}

/// <summary>JSON of <see cref="History"/>, generated at build time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, IndentSize = 2, NewLine = "\n", Converters = [typeof(FiniteOrNullConverter)])]
[JsonSerializable(typeof(History))]
internal sealed partial class HistoryJson : JsonSerializerContext;

/// <summary>Writes a double that JSON cannot hold as null. The file is read key by key (<see cref="RunReader"/>), as older ones lack some.</summary>
internal sealed class FiniteOrNullConverter : JsonConverter<double>
{
    /// <inheritdoc/>
    public override bool HandleNull => true;

    /// <inheritdoc/>
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException($"{nameof(History)} is only written.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteNullValue();
    }
}
