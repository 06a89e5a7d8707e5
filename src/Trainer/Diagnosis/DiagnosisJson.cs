using System.Text.Encodings.Web;
using System.Text.Json;
using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>A <see cref="DataDiagnosis"/> as one JSON object: full precision, null for what is not known, definitions inside.</summary>
internal static class DiagnosisJson
{
    public static void Write(DataDiagnosis diagnosis, Stream stream)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        DataInspectionWriter.WriteJson(diagnosis.Inspection, json);
        Number(json, "target_offset", diagnosis.TargetOffset);
        WriteBoundaries(json, diagnosis.Boundaries);
        WriteCurve(json, diagnosis.Curve);
        WriteDirection(json, diagnosis.Direction);
        WriteArrow(json, diagnosis);
        WriteParity(json, diagnosis.Parity);
        json.WriteStartArray("unanswered");
        foreach (string line in diagnosis.Unanswered)
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBoundaries(Utf8JsonWriter json, BoundaryCrossings crossings)
    {
        json.WriteStartObject("boundaries");
        json.WriteString("windows", crossings.Windows);
        json.WriteNumber("count", crossings.Count);
        Number(json, "any_context_from_another_article", crossings.AnyContext);
        Number(json, "last_context_from_another_article", crossings.LastContext);
        Number(json, "target_too_early_for_its_article", crossings.TooEarly);
        json.WriteEndObject();
    }

    private static void WriteCurve(Utf8JsonWriter json, IReadOnlyList<OffsetPoint> curve)
    {
        json.WriteStartObject("offset_curve");
        json.WriteString("definition", "mean cos(ctx4, row target + k), over the windows that have all seven rows in their article");
        json.WriteStartArray("points");
        foreach (OffsetPoint point in curve)
        {
            json.WriteStartObject();
            json.WriteNumber("k", point.Offset);
            Number(json, "mean_cosine", point.Mean);
            json.WriteNumber("windows", point.Windows);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDirection(Utf8JsonWriter json, IReadOnlyList<DirectionFigure> figures)
    {
        json.WriteStartObject("direction");
        foreach (DirectionFigure figure in figures)
        {
            json.WriteStartObject(figure.Name);
            Number(json, "mean", figure.Mean);
            json.WriteNumber("windows", figure.Windows);
            json.WriteString("definition", figure.Formula);
            json.WriteString("called_delta_by", figure.Origin);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static void WriteArrow(Utf8JsonWriter json, DataDiagnosis diagnosis)
    {
        if (diagnosis.Arrow.Count == 0)
        {
            json.WriteNull("arrow_of_time");
            return;
        }
        json.WriteStartObject("arrow_of_time");
        json.WriteString("definition", "mean cosine of ridge regressions on the same windows: forward predicts the last row from the first five, "
            + "backward the first row from the last five; 95 % interval of the difference by bootstrap over articles; "
            + $"interior windows have {ArrowOfTime.EdgeRows} rows or more before and after them in their article");
        json.WriteNumber("ridge_lambda", RidgeRegression.BaselineLambda);
        json.WriteNumber("fitted_windows", diagnosis.ArrowFittedWindows);
        json.WriteStartArray("held_out");
        foreach (ArrowScore score in diagnosis.Arrow)
        {
            json.WriteStartObject();
            json.WriteString("file", score.Path);
            WriteMeans(json, "all_windows", score.All);
            WriteMeans(json, "interior_windows", score.Interior);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteMeans(Utf8JsonWriter json, string name, ArrowMeans means)
    {
        json.WriteStartObject(name);
        json.WriteNumber("windows", means.Windows);
        json.WriteNumber("articles", means.Articles);
        Number(json, "forward_cosine", means.Forward);
        Number(json, "backward_cosine", means.Backward);
        Number(json, "forward_minus_backward", means.Difference);
        Number(json, "interval_low", means.Interval.Low);
        Number(json, "interval_high", means.Interval.High);
        json.WriteEndObject();
    }

    private static void WriteParity(Utf8JsonWriter json, IReadOnlyList<SplitParity> parities)
    {
        json.WriteStartArray("parity");
        foreach (SplitParity parity in parities)
        {
            json.WriteStartObject();
            json.WriteString("role", parity.Role);
            json.WriteString("train", parity.TrainPath);
            json.WriteString("file", parity.Path);
            json.WriteBoolean("matches", parity.Matches);
            json.WriteStartObject("figures");
            foreach (ParityFigure figure in parity.Figures)
            {
                json.WriteStartObject(figure.Name);
                Number(json, "train", figure.Train);
                Number(json, "file", figure.Other);
                Number(json, "difference", figure.Difference);
                json.WriteNumber("tolerance", figure.Tolerance);
                json.WriteBoolean("matches", figure.Matches);
                json.WriteString("definition", figure.Formula);
                json.WriteEndObject();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }
}
