using System.Text.Json;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>A figure of an evaluation.</summary>
/// <param name="Value">The figure; NaN where the file holds null.</param>
/// <param name="Low">Lower end of its 95 % interval; NaN where it has none.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct EvaluationFigure(double Value, double Low, double High)
{
    /// <summary>As tables show it.</summary>
    public string Text => NumberText.Of(Value, NumberStyle.Cosine)
        + (double.IsFinite(Low) ? $" [{NumberText.Of(Low, NumberStyle.Ratio)},{NumberText.Of(High, NumberStyle.Ratio)}]" : "");
}

/// <summary>The figures of a run's evaluation.json, which <c>p6b evaluate</c> writes beside the weights.</summary>
internal static class EvaluationFigures
{
    private static readonly string[] Splits = ["VAL", "OOD"];

    /// <summary>
    /// The figures for tables: retrieval in the article and margins, the original's (<c>VAL B:R@5</c>) and the corrected ones
    /// (<c>VAL B0:R@5</c>), and the chance level of those that have one. The JSON output of a comparison holds the whole file.
    /// </summary>
    public static IReadOnlyDictionary<string, EvaluationFigure> Of(RunRecord run)
    {
        var figures = new Dictionary<string, EvaluationFigure>();
        if (run.Evaluation is not { } evaluation) return figures;
        foreach (string split in Splits)
        {
            Visit(split, Member(evaluation, split));
            Visit(split, Member(Member(evaluation, "corrected"), split));
        }

        return figures;

        void Visit(string split, JsonElement of)
        {
            if (of.ValueKind != JsonValueKind.Object) return;
            foreach (JsonProperty figure in of.EnumerateObject().Where(figure => IsShown(figure.Name)))
            {
                JsonElement value = figure.Value.ValueKind == JsonValueKind.Object ? Member(figure.Value, "value") : figure.Value;
                string name = $"{split} {figure.Name}";
                figures[name] = new EvaluationFigure(Number(value), Number(Member(figure.Value, "low")), Number(Member(figure.Value, "high")));
                if (Number(Member(figure.Value, "chance")) is double chance && double.IsFinite(chance))
                    figures[$"{name}, chance"] = new EvaluationFigure(chance, double.NaN, double.NaN);
            }
        }
    }

    /// <summary>What was evaluated, such as <c>best.safetensors</c>; null where the file does not say.</summary>
    public static string? Weights(RunRecord run) =>
        run.Evaluation is { } evaluation && Member(Member(evaluation, "model"), "path") is { ValueKind: JsonValueKind.String } path
            ? Path.GetFileName(path.GetString())
            : null;

    private static bool IsShown(string name) =>
        ((string[])["R@", "MRR", "margin"]).Any(part => name.Contains(part, StringComparison.Ordinal));

    private static JsonElement Member(JsonElement of, string key) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(key, out JsonElement member) ? member : default;

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;
}
