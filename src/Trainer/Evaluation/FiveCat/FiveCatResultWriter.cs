using System.Text.Json;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What was judged on what; goes into the result as it is.</summary>
/// <param name="Settings">Sample limit, horizon, seed.</param>
/// <param name="Model">The weights file and what it says of itself.</param>
/// <param name="Device">Where the model ran.</param>
/// <param name="RidgeSource">What the linear baseline was fitted on, or why there is none.</param>
/// <param name="HasRidge">Whether there is one.</param>
internal sealed record FiveCatSubject(
    FiveCatSettings Settings, IReadOnlyDictionary<string, string> Model, string Device, string RidgeSource, bool HasRidge);

/// <summary>Writes a result as one JSON object: numbers in full, what is not a number as null.</summary>
internal static class FiveCatResultWriter
{
    /// <summary>Replaces the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="subject">What was judged.</param>
    /// <param name="val">VAL.</param>
    /// <param name="ood">OOD; null: not given.</param>
    /// <param name="gates">The gates.</param>
    /// <exception cref="InputException">The file cannot be written.</exception>
    public static void Write(string path, FiveCatSubject subject, SplitResult val, SplitResult? ood, Gates gates) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        WriteSubject(json, subject, val, ood);
        PerSplit(json, null, val, ood, split => WriteOriginal(json, split.Model.Original));
        json.WriteStartObject("gates");
        foreach (Gate gate in gates.All) WriteBoolean(json, gate.Name, gate.Passed);
        json.WriteEndObject();
        PerSplit(json, "corrected", val, ood, split => WriteCorrected(json, split, split.Model));
        PerSplit(json, "mini5cat", val, ood, split => WriteMini(json, split.Model.Original));
        PerSplit(json, "baselines", val, ood, split => WriteBaselines(json, split, subject));
        json.WriteStartObject("definitions");
        foreach ((string key, string meaning) in MeasureDefinitions.Of(subject.Settings.Horizon)) json.WriteString(key, meaning);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteSubject(Utf8JsonWriter json, FiveCatSubject subject, SplitResult val, SplitResult? ood)
    {
        json.WriteStartObject("model");
        foreach ((string key, string value) in subject.Model) json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteStartObject("settings");
        json.WriteNumber("max_samples", subject.Settings.MaxSamples);
        json.WriteNumber("horizon", subject.Settings.Horizon);
        json.WriteNumber("seed", subject.Settings.Seed);
        json.WriteString("device", subject.Device);
        json.WriteEndObject();
        PerSplit(json, "files", val, ood, split =>
        {
            json.WriteStartObject();
            json.WriteString("sequences", split.Split.Set.Path);
            json.WriteString("articles", split.Split.Store.Path);
            json.WriteNumber("windows", split.Split.Count);
            json.WriteEndObject();
        });
    }

    private static void WriteOriginal(Utf8JsonWriter json, OriginalMeasures measures)
    {
        json.WriteStartObject();
        foreach ((string key, double value) in measures.Values) WriteNumber(json, key, value);
        json.WriteEndObject();
    }

    private static void WriteCorrected(Utf8JsonWriter json, SplitResult split, SourceResult source)
    {
        json.WriteStartObject();
        foreach (CorrectedMeasure measure in source.Corrected.All)
        {
            json.WriteStartObject(measure.Key);
            WriteNumber(json, "value", measure.Value);
            WriteInterval(json, measure.Interval);
            json.WriteNumber("samples", measure.Samples);
            if (!double.IsNaN(measure.Chance)) WriteNumber(json, "chance", measure.Chance);
            if (source != split.Model && split.ModelMinus(source, measure.Key) is { } interval)
            {
                json.WriteStartObject("model_minus");
                WriteNumber(json, "value", split.Model.Corrected[measure.Key].Value - measure.Value);
                WriteInterval(json, interval);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteNumber("samples", split.Choice.Corrected.Length);
        json.WriteNumber("articles", split.Bootstrap.Articles);
        json.WriteEndObject();
    }

    private static void WriteMini(Utf8JsonWriter json, OriginalMeasures measures)
    {
        json.WriteStartObject();
        WriteNumber(json, "margin", measures.Mini.Margin);
        WriteNumber(json, "R@5", measures.Mini.RecallAt5);
        WriteNumber(json, "chance of R@5", 5.0 / 6);
        json.WriteNumber("samples", measures.Mini.Samples);
        json.WriteEndObject();
    }

    private static void WriteBaselines(Utf8JsonWriter json, SplitResult split, FiveCatSubject subject)
    {
        json.WriteStartObject();
        if (!subject.HasRidge) json.WriteNull(FiveCatEvaluation.Ridge);
        json.WriteString(subject.HasRidge ? "ridge_fitted_on" : "ridge_missing_because", subject.RidgeSource);
        foreach (SourceResult baseline in split.Baselines)
        {
            json.WriteStartObject(baseline.Name);
            json.WritePropertyName("original");
            WriteOriginal(json, baseline.Original);
            json.WritePropertyName("corrected");
            WriteCorrected(json, split, baseline);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // VAL and OOD inside an object of this name, or directly.
    private static void PerSplit(Utf8JsonWriter json, string? name, SplitResult val, SplitResult? ood, Action<SplitResult> write)
    {
        if (name is not null) json.WriteStartObject(name);
        json.WritePropertyName("VAL");
        write(val);
        json.WritePropertyName("OOD");
        if (ood is null) json.WriteNullValue();
        else write(ood);
        if (name is not null) json.WriteEndObject();
    }

    private static void WriteInterval(Utf8JsonWriter json, Interval interval)
    {
        WriteNumber(json, "low", interval.Low);
        WriteNumber(json, "high", interval.High);
    }

    private static void WriteNumber(Utf8JsonWriter json, string key, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(key, value);
        else json.WriteNull(key);
    }

    private static void WriteBoolean(Utf8JsonWriter json, string key, bool? value)
    {
        if (value is { } known) json.WriteBoolean(key, known);
        else json.WriteNull(key);
    }
}
