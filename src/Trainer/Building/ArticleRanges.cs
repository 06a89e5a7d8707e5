using System.Globalization;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>Ranges of article ids, both ends included, as users write them: <c>1-1499,2000-3999,7</c>.</summary>
internal sealed class ArticleRanges
{
    private readonly List<(long First, long Last)> _ranges;

    private ArticleRanges(List<(long First, long Last)> ranges) => _ranges = ranges;

    /// <summary>Reads ranges.</summary>
    /// <param name="flag">The flag they were given with, for messages.</param>
    /// <param name="text">What was given.</param>
    /// <exception cref="InputException">Not a list of ids and ranges, or a range that ends before it begins.</exception>
    public static ArticleRanges Parse(string flag, string text)
    {
        var ranges = new List<(long, long)>();
        foreach (string part in text.Split(','))
        {
            int dash = part.IndexOf('-', StringComparison.Ordinal);
            string first = dash < 0 ? part : part[..dash];
            string last = dash < 0 ? part : part[(dash + 1)..];
            if (!TryId(first, out long from) || !TryId(last, out long to) || to < from)
            {
                throw new InputException(
                    $"{flag} {MessageText.OneLine(text, 80)}: article ids and ranges like 1-1499,2000-3999 are needed, low end first");
            }
            ranges.Add((from, to));
        }
        return new ArticleRanges(ranges);
    }

    public bool Contains(long article) => _ranges.Exists(range => article >= range.First && article <= range.Last);

    /// <summary>As the original writes them: <c>[(1500, 1999)]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _ranges.Select(range => $"({range.First}, {range.Last})"))}]";

    private static bool TryId(string text, out long id) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
}
