using System.Text.Json;

namespace P6bNative.Trainer.Telemetry;

/// <summary>A stage of a forecast.</summary>
/// <param name="FirstEpoch">Counted from 1.</param>
/// <param name="Collapses">Whether it has no point to come to rest at.</param>
/// <param name="Alpha">Where it comes to rest; NaN where it collapses, as below.</param>
/// <param name="Cosine">Mean cosine with the target there.</param>
/// <param name="Margin">Mean cosine with the target minus that with the negative.</param>
internal readonly record struct RecordedStage(int FirstEpoch, bool Collapses, double Alpha, double Cosine, double Margin);

/// <summary>A point of the curve μ − α·q.</summary>
/// <param name="Alpha">α</param>
/// <param name="Cosine">Mean cosine with the target.</param>
/// <param name="Margin">Mean cosine with the target minus that with q.</param>
internal readonly record struct RecordedPoint(double Alpha, double Cosine, double Margin);

/// <summary>What a run's forecast.json says, as far as others look at it.</summary>
internal sealed record RecordedForecast
{
    private const int Slots = 5;

    /// <summary>The mode it was made for.</summary>
    public required string Mode { get; init; }

    /// <summary>The mode's negative, <c>ctx0</c> .. <c>ctx4</c>; null where it has no directional term.</summary>
    public required string? Negative { get; init; }

    /// <summary>Slot of q, whose curve it holds.</summary>
    public required int NegativeSlot { get; init; }

    /// <summary><c>ridge</c>, or a file of weights.</summary>
    public required string Predictor { get; init; }

    /// <summary>Windows that the ridge was fitted on.</summary>
    public required long TrainWindows { get; init; }

    /// <summary>The stages in their order.</summary>
    public required IReadOnlyList<RecordedStage> Stages { get; init; }

    /// <summary>The curve, by rising α from 0.</summary>
    public required IReadOnlyList<RecordedPoint> Curve { get; init; }

    /// <summary>Reads a forecast.json; what is wrong with it is no error of the run that it lies beside.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="problem">Why it cannot be used; null where it can, or is not there.</param>
    public static RecordedForecast? TryRead(string path, out string? problem)
    {
        problem = null;
        if (!File.Exists(path)) return null;
        try
        {
            return Read(JsonInput.ReadObject(path), path);
        }
        catch (InputException e)
        {
            problem = e.Message;
            return null;
        }
    }

    /// <summary>The stage in force; null before the first one.</summary>
    public RecordedStage? StageFor(int epoch) =>
        Stages.Select(stage => (RecordedStage?)stage).LastOrDefault(stage => stage!.Value.FirstEpoch <= epoch);

    /// <summary>
    /// The point of the curve at a margin, by linear interpolation on its rising part; null where the curve does not pass it.
    /// </summary>
    public RecordedPoint? AtMargin(double margin)
    {
        for (int i = 1; i < Curve.Count && Curve[i].Margin > Curve[i - 1].Margin; i++)
        {
            (RecordedPoint a, RecordedPoint b) = (Curve[i - 1], Curve[i]);
            if (!(margin >= a.Margin && margin <= b.Margin)) continue;
            double share = (margin - a.Margin) / (b.Margin - a.Margin);
            return new RecordedPoint(a.Alpha + share * (b.Alpha - a.Alpha), a.Cosine + share * (b.Cosine - a.Cosine), margin);
        }

        return null;
    }

    private static RecordedForecast Read(JsonElement json, string path)
    {
        string? negative = Text(json, "negative", path);
        int slot = Text(json, "curve_negative", path) is ['c', 't', 'x', >= '0' and < (char)('0' + Slots) and char digit]
            ? digit - '0'
            : throw new InputException($"{path}: curve_negative must be ctx0 .. ctx4.");
        if (negative is not null && negative != $"ctx{slot}")
            throw new InputException($"{path}: the curve is that of ctx{slot}, the negative is {negative}.");
        return new RecordedForecast
        {
            Mode = Text(json, "mode", path) ?? throw new InputException($"{path}: mode is missing."),
            Negative = negative,
            NegativeSlot = slot,
            Predictor = Text(json, "predictor", path) ?? throw new InputException($"{path}: predictor is missing."),
            TrainWindows = JsonInput.Count(json, "train_windows", path),
            Stages = [.. Objects(json, "stages", path).Select((stage, i) => Stage(stage, slot, $"{path}: stages[{i}]"))],
            Curve = [.. Objects(json, "curve", path).Select((point, i) => Point(point, slot, $"{path}: curve[{i}]"))],
        };
    }

    private static RecordedStage Stage(JsonElement json, int slot, string where)
    {
        int first = (int)JsonInput.Count(json, "first_epoch", where, int.MaxValue);
        bool collapses = json.TryGetProperty("collapses", out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw new InputException($"{where}: collapses must be true or false.");
        if (collapses) return new RecordedStage(first, collapses, double.NaN, double.NaN, double.NaN);
        RecordedPoint rest = Point(json, slot, where);
        return new RecordedStage(first, collapses, rest.Alpha, rest.Cosine, rest.Margin);
    }

    private static RecordedPoint Point(JsonElement json, int slot, string where)
    {
        if (!json.TryGetProperty("margins", out JsonElement margins) || margins.ValueKind != JsonValueKind.Array || margins.GetArrayLength() <= slot)
            throw new InputException($"{where}: margins must be an array of {Slots} numbers.");
        return new RecordedPoint(
            Finite(JsonInput.Number(json, "alpha", where), "alpha"), Finite(JsonInput.Number(json, "cosine", where), "cosine"),
            Finite(JsonInput.Number(margins[slot], $"{where}: margins[{slot}]"), $"margins[{slot}]"));

        double Finite(double value, string key) => double.IsFinite(value) ? value : throw new InputException($"{where}: {key} must be a number.");
    }

    private static IEnumerable<JsonElement> Objects(JsonElement json, string key, string path)
    {
        if (!json.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
            throw new InputException($"{path}: {key} must be a list of at least one object.");
        return list.EnumerateArray().Select((element, i) => JsonInput.RequireObject(element, $"{path}: {key}[{i}]"));
    }

    private static string? Text(JsonElement json, string key, string path) => !json.TryGetProperty(key, out JsonElement value) ? null : value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        _ => throw new InputException($"{path}: {key} must be a text."),
    };
}
