using System.Text.Json;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>A setting that is not the same in all runs.</summary>
/// <param name="Key">Its key in config.json; a constant of the mode as <c>mode_constants.name</c>.</param>
/// <param name="Values">A text for each run; null where its config does not have the key.</param>
internal sealed record SettingDifference(string Key, IReadOnlyList<string?> Values);

/// <summary>Finds the settings that differ, constants of the mode included.</summary>
internal static class SettingDifferences
{
    // Where a run lies changes nothing; name and tag of the constants repeat "mode", and the reason of a rule its bounds.
    private static readonly string[] Left = ["output_dir", "mode_constants.name", "mode_constants.log_tag", "mode_constants.skip_rules.reason"];

    /// <summary>The settings that differ, in the order of the first config that has them.</summary>
    public static IReadOnlyList<SettingDifference> Of(IReadOnlyList<RunRecord> runs)
    {
        Dictionary<string, string>[] settings = [.. runs.Select(run => Flatten(run.Config))];
        var differences = new List<SettingDifference>();
        foreach (string key in settings.SelectMany(of => of.Keys).Distinct().Except(Left))
        {
            string?[] values = [.. settings.Select(of => of.GetValueOrDefault(key))];
            if (values.Distinct().Count() > 1) differences.Add(new SettingDifference(key, values));
        }

        return differences;
    }

    /// <summary>One text a setting. Lists of objects become a line a field, so that the stages read as the schedule of each constant.</summary>
    private static Dictionary<string, string> Flatten(JsonElement config)
    {
        var settings = new Dictionary<string, string>();
        Visit("", config);
        return settings;

        void Visit(string key, JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (JsonProperty property in value.EnumerateObject())
                        Visit(key.Length == 0 ? property.Name : $"{key}.{property.Name}", property.Value);
                    break;
                case JsonValueKind.Array:
                    foreach (JsonElement element in value.EnumerateArray()) Visit(key, element);
                    break;
                default:
                    settings[key] = settings.TryGetValue(key, out string? before) ? $"{before} {Text(value)}" : Text(value);
                    break;
            }
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => $"{value.GetDouble()}",
        JsonValueKind.String => value.GetString() is "Infinity" ? "inf" : value.GetString()!,
        JsonValueKind.Null => "none",
        JsonValueKind.True => "yes",
        _ => "no",
    };
}
