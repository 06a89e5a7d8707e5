using System.Text.Json;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What was judged on what; goes into the result as it is.</summary>
/// <param name="Settings">Sample limit, horizon, seed.</param>
/// <param name="Model">The weights file and what it says of itself.</param>
/// <param name="P6">The same of the second model; null: not given.</param>
/// <param name="Device">Where the model ran.</param>
/// <param name="RidgeSource">What the linear baseline was fitted on, or why there is none.</param>
/// <param name="HasRidge">Whether there is one.</param>
internal sealed record FiveCatSubject(
    FiveCatSettings Settings, IReadOnlyDictionary<string, string> Model, IReadOnlyDictionary<string, string>? P6, string Device,
    string RidgeSource, bool HasRidge);

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
        PerSplit(json, null, val, ood, split => WriteOriginal(json, split.Model.Original!));
        json.WriteStartObject("gates");
        foreach (Gate gate in gates.All) WriteBoolean(json, gate.Name, gate.Passed);
        json.WriteEndObject();
        PerSplit(json, "corrected", val, ood, split => WriteCorrected(json, split, split.Model));
        PerSplit(json, "mini5cat", val, ood, split => WriteMini(json, split.Model.Original!));
        PerSplit(json, "baselines", val, ood, split => WriteBaselines(json, split, subject));
        PerSplit(json, "use", val, ood, split => WriteUse(json, new UseTable(split)));
        json.WriteStartObject("definitions");
        foreach ((string key, string meaning) in MeasureDefinitions.Of(subject.Settings.Horizon)) json.WriteString(key, meaning);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteSubject(Utf8JsonWriter json, FiveCatSubject subject, SplitResult val, SplitResult? ood)
    {
        WriteFacts(json, "model", subject.Model);
        if (subject.P6 is null) json.WriteNull("p6");
        else WriteFacts(json, "p6", subject.P6);
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

    private static void WriteFacts(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> facts)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in facts) json.WriteString(key, value);
        json.WriteEndObject();
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
            if (source != split.Model && split.Minus(split.Model, source, measure.Key) is { } difference)
                WriteDifference(json, "model_minus", difference);
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
            if (baseline.PostHoc is { } postHoc)
            {
                json.WriteString("of", postHoc.Of);
                json.WriteNumber(postHoc.CoefficientName, postHoc.Coefficient);
            }

            if (baseline.Original is { } original)
            {
                json.WritePropertyName("original");
                WriteOriginal(json, original);
            }

            json.WritePropertyName("corrected");
            WriteCorrected(json, split, baseline);
            json.WriteEndObject();
        }

        foreach (MarginMatch match in split.Matches.Where(match => !match.IsReached))
        {
            json.WriteStartObject(match.Name);
            json.WriteString("of", match.Of);
            json.WriteNull("alpha");
            WriteNumber(json, "lowest_margin", match.LowestMargin);
            WriteNumber(json, "highest_margin", match.HighestMargin);
            json.WriteNull("corrected");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteUse(Utf8JsonWriter json, UseTable table)
    {
        json.WriteStartObject();
        foreach (UseRow row in table.Rows)
        {
            json.WriteStartObject(row.Source.Name);
            foreach (string measure in UseTable.Measures) WriteNumber(json, measure, row.Source.Corrected[measure].Value);
            foreach ((string name, Difference difference) in row.Differences) WriteDifference(json, $"minus_{name}", difference);
            json.WriteEndObject();
        }

        json.WriteStartObject("chance");
        foreach (string measure in UseTable.Retrieval) WriteNumber(json, measure, table.Chance(measure));
        json.WriteEndObject();
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

    private static void WriteDifference(Utf8JsonWriter json, string name, Difference difference)
    {
        json.WriteStartObject(name);
        WriteNumber(json, "value", difference.Value);
        WriteInterval(json, difference.Interval);
        json.WriteEndObject();
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
