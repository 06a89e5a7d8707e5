using System.Text.Json;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>The figures of a run's evaluation.json, each by its path in the file.</summary>
internal static class EvaluationFigures
{
    private static readonly string[] Splits = ["VAL", "OOD", "corrected"];

    /// <summary>Every number under <c>VAL</c>, <c>OOD</c> and <c>corrected</c>, e.g. <c>VAL B:R@5</c>.</summary>
    public static IReadOnlyDictionary<string, double> Of(RunRecord run)
    {
        var figures = new Dictionary<string, double>();
        if (run.Evaluation is not { } evaluation) return figures;
        foreach (string split in Splits)
        {
            if (evaluation.TryGetProperty(split, out JsonElement of)) Visit(split, of);
        }

        return figures;

        void Visit(string path, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Number) figures[path] = value.GetDouble();
            if (value.ValueKind != JsonValueKind.Object) return;
            foreach (JsonProperty property in value.EnumerateObject()) Visit($"{path} {property.Name}", property.Value);
        }
    }

    /// <summary>Whether the tables show it: retrieval in the article and margins; the JSON output holds all.</summary>
    public static bool IsShown(string path) =>
        path.Contains("R@", StringComparison.Ordinal) || path.Contains("MRR", StringComparison.Ordinal) || path.Contains("margin", StringComparison.Ordinal);
}
