using System.Text.Encodings.Web;
using System.Text.Json;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// A comparison as one JSON object: <c>warnings</c>, <c>differing_settings</c>, <c>runs</c> (with the whole config, every epoch, and
/// evaluation.json as it is) and <c>definitions</c>. Full precision; what a run folder does not have is null.
/// </summary>
internal static class ComparisonJson
{
    public static void Write(RunComparison comparison, Stream stream)
    {
        var options = new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using var json = new Utf8JsonWriter(stream, options);
        json.WriteStartObject();
        json.WriteStartArray("warnings");
        foreach (string warning in comparison.Warnings) json.WriteStringValue(warning);
        json.WriteEndArray();
        json.WriteStartObject("differing_settings");
        foreach (SettingDifference setting in comparison.Settings)
        {
            json.WriteStartObject(setting.Key);
            for (int i = 0; i < comparison.Runs.Count; i++) json.WriteString(comparison.Runs[i].Label, setting.Values[i]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("runs");
        foreach (ComparedRun run in comparison.Runs) Write(json, run);
        json.WriteEndArray();
        json.WriteStartObject("definitions");
        foreach (Measure measure in Measures.All) json.WriteString(measure.Key, measure.Definition);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ComparedRun run)
    {
        json.WriteStartObject();
        json.WriteString("run", run.Label);
        json.WriteString("path", run.Record.Path);
        json.WriteString("mode", run.Record.Setting("mode"));
        json.WriteString("negative", run.Record.Negative);
        json.WriteString("stopped_by", run.Record.StoppedBy);
        json.WriteNumber("last_step", run.Record.LastStep);
        json.WriteNumber("logged_steps", run.Record.Logged.Count);
        Windows("train_windows", run.Record.Position?.TrainWindows);
        Windows("validation_windows", run.Record.Position?.ValidationWindows);
        WriteEpoch("best", run.Best);
        WriteEpoch("last", run.Last);
        json.WriteStartObject("totals");
        foreach (string key in ComparedRun.Summed) json.WriteNumberOrNull(key, run.Total(key));
        json.WriteEndObject();
        json.WriteStartArray("epochs");
        foreach (RecordedEpoch epoch in run.Record.Epochs)
        {
            json.WriteStartObject();
            json.WriteNumber("epoch", epoch.Epoch);
            foreach (Measure measure in Measures.All) json.WriteNumberOrNull(measure.Key, measure.Of(run.Record, epoch));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteForecast(json, run.Record);
        json.WritePropertyName("evaluation");
        if (run.Record.Evaluation is { } evaluation)
            evaluation.WriteTo(json);
        else
            json.WriteNullValue();
        json.WritePropertyName("settings");
        run.Record.Config.WriteTo(json);
        json.WriteEndObject();

        void Windows(string key, long? count)
        {
            if (count is { } value)
                json.WriteNumber(key, value);
            else
                json.WriteNull(key);
        }

        void WriteEpoch(string key, RecordedEpoch? epoch)
        {
            if (epoch is null)
                json.WriteNull($"{key}_epoch");
            else
                json.WriteNumber($"{key}_epoch", epoch.Epoch);
        }
    }

    private static void WriteForecast(Utf8JsonWriter json, RunRecord run)
    {
        json.WriteString("forecast_problem", run.ForecastProblem);
        if (run.Forecast is not { } forecast)
        {
            json.WriteNull("forecast");
            return;
        }

        json.WriteStartObject("forecast");
        json.WriteString("predictor", forecast.Predictor);
        json.WriteNumber("train_windows", forecast.TrainWindows);
        json.WriteStartArray("stages");
        foreach (StageOutcome stage in StageOutcome.Of(run))
        {
            json.WriteStartObject();
            json.WriteNumber("first_epoch", stage.Forecast.FirstEpoch);
            json.WriteBoolean("forecast_collapses", stage.Forecast.Collapses);
            json.WriteNumberOrNull("forecast_alpha", stage.Forecast.Alpha);
            json.WriteNumberOrNull("forecast_cosine", stage.Forecast.Cosine);
            json.WriteNumberOrNull("forecast_margin_negative", stage.Forecast.Margin);
            json.WriteNumberOrNull("last_epoch", stage.LastEpoch?.Epoch ?? double.NaN);
            json.WriteNumberOrNull("val_cosine", stage.Cosine);
            json.WriteNumberOrNull("val_margin_negative", stage.Margin);
            json.WriteNumberOrNull("subtraction_cosine", stage.Subtraction);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>Numbers that JSON may not be able to hold.</summary>
internal static class JsonNumbers
{
    /// <summary>Writes a number in full precision; null for NaN and infinities.</summary>
    public static void WriteNumberOrNull(this Utf8JsonWriter json, string key, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(key, value);
        else
            json.WriteNull(key);
    }
}
