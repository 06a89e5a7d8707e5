using System.Text.Json;

namespace P6bNative.Trainer.Telemetry;

/// <summary>Reads JSON that a run wrote, also while it writes; what is wrong becomes one line that names the file and the line or key.</summary>
internal static class JsonInput
{
    /// <summary>Opens a file for reading without getting into the way of the process that writes or replaces it.</summary>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    /// <summary>The file as it is now.</summary>
    /// <exception cref="InputException">The file cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        using FileStream file = Open(path);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Reads a file that holds one JSON object.</summary>
    /// <exception cref="InputException">The file cannot be read, or is no JSON object.</exception>
    public static JsonElement ReadObject(string path)
    {
        try
        {
            return RequireObject(JsonElement.Parse(ReadBytes(path)), path);
        }
        catch (JsonException e)
        {
            throw new InputException($"{path}: line {(e.LineNumber ?? 0) + 1} is not valid JSON: {Reason(e)}", e);
        }
    }

    /// <summary>What the parser says, without the position that stands beside it.</summary>
    public static string Reason(JsonException e)
    {
        string text = e.Message.ReplaceLineEndings(" ");
        int position = text.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return position < 0 ? text : text[..position];
    }

    /// <summary>The element, which must be an object.</summary>
    /// <exception cref="InputException">It is something else.</exception>
    public static JsonElement RequireObject(JsonElement element, string where) => element.ValueKind == JsonValueKind.Object
        ? element
        : throw new InputException($"{where}: holds {NameOf(element)} where an object is needed.");

    /// <summary>The number under a key; NaN where the key is missing or null, 1 and 0 for true and false.</summary>
    /// <exception cref="InputException">Something else stands there.</exception>
    public static double Number(JsonElement parent, string key, string where) =>
        parent.TryGetProperty(key, out JsonElement value) ? Number(value, $"{where}: {key}") : double.NaN;

    /// <summary>The number that an element holds; NaN for null.</summary>
    /// <exception cref="InputException">It is something else.</exception>
    public static double Number(JsonElement element, string where) => element.ValueKind switch
    {
        JsonValueKind.Number => FiniteOrNaN(element.GetDouble()),
        JsonValueKind.Null => double.NaN,
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        _ => throw new InputException($"{where} holds {NameOf(element)} where a number or null is needed."),
    };

    /// <summary>The whole number of at least 1 under a key.</summary>
    /// <exception cref="InputException">It is missing, above <paramref name="largest"/> or something else.</exception>
    public static long Count(JsonElement parent, string key, string where, long largest = long.MaxValue) =>
        parent.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count)
            && count >= 1 && count <= largest
            ? count
            : throw new InputException($"{where}: {key} must be a whole number of at least 1.");

    private static double FiniteOrNaN(double value) => double.IsFinite(value) ? value : double.NaN;

    private static string NameOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a truth value",
    };
}
