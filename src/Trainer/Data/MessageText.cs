namespace P6bNative.Trainer.Data;

/// <summary>Text of a file, made fit for a one-line message.</summary>
internal static class MessageText
{
    /// <summary>The text without control characters, cut at <paramref name="limit"/> characters.</summary>
    public static string OneLine(string text, int limit = 200)
    {
        string cut = text.Length <= limit ? text : string.Concat(text.AsSpan(0, limit), "...");
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c)) : cut;
    }

    /// <summary>A shape as numpy prints it: (), (3,), (3, 5).</summary>
    public static string Shape(ReadOnlySpan<long> shape) => shape.Length == 1 ? $"({shape[0]},)" : $"({string.Join(", ", shape.ToArray())})";
}
