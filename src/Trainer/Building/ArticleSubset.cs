using System.Globalization;
using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>
/// A random choice of whole articles: those with the smallest hash of (seed, article id). It does not depend on the order of the file, and
/// of two subsets with one seed the larger holds the smaller.
/// </summary>
internal sealed record ArticleSubset
{
    private const ulong SubsetStream = 0x535542534554;

    private int? Count { get; init; }

    private double Fraction { get; init; }

    private ulong Seed { get; init; }

    /// <summary>Reads <c>--subset</c>: a number of articles, or the fraction of them below 1.</summary>
    /// <exception cref="InputException">Neither.</exception>
    public static ArticleSubset Parse(string text, long seed)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
            return new ArticleSubset { Count = count, Seed = (ulong)seed };
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double fraction) && fraction is > 0 and < 1)
            return new ArticleSubset { Fraction = fraction, Seed = (ulong)seed };
        throw new InputException($"--subset {MessageText.OneLine(text, 40)}: a number of articles (200) or a fraction of them (0.1) is needed");
    }

    /// <summary>The articles chosen of those given.</summary>
    /// <exception cref="InputException">More articles are asked for than there are.</exception>
    public IEnumerable<long> Of(IReadOnlyCollection<long> articles)
    {
        int count = Count ?? Math.Max(1, (int)Math.Round(Fraction * articles.Count));
        if (count > articles.Count)
            throw new InputException($"--subset {count}: only {articles.Count} articles are there to choose from");
        ulong key = CounterRandom.Mix(Seed, SubsetStream);
        return articles.OrderBy(article => CounterRandom.Mix(key, (ulong)article)).ThenBy(article => article).Take(count);
    }

    /// <summary>What was asked for, to be written into the file.</summary>
    public override string ToString() =>
        Count is { } count ? $"subset {count} seed {Seed}" : string.Create(CultureInfo.InvariantCulture, $"subset {Fraction} seed {Seed}");
}
