using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>Which articles of a store go into the new file: those included (null: all), less those excluded, of these a subset (null: all).</summary>
internal sealed record ArticleChoice(ArticleRanges? Included, ArticleRanges? Excluded, ArticleSubset? Subset)
{
    /// <summary>The ids of the chosen articles.</summary>
    /// <exception cref="InputException">Nothing is left.</exception>
    public IReadOnlySet<long> Of(ArticleStore store)
    {
        long[] all = [.. Enumerable.Range(0, store.ArticleCount).Select(store.ArticleId)];
        long[] candidates = [.. all.Where(id => Included?.Contains(id) != false && Excluded?.Contains(id) != true)];
        if (candidates.Length == 0)
            throw new InputException($"{store.Path}: no article is left of {all.Length}; their ids run from {all.Min()} to {all.Max()}");
        return Subset is null ? candidates.ToHashSet() : Subset.Of(candidates).ToHashSet();
    }

    /// <summary>What <c>excluded_articles</c> of a base file says: the original's text where only ranges are excluded.</summary>
    public override string ToString()
    {
        string[] parts =
        [
            .. Excluded is null ? Array.Empty<string>() : [Excluded.ToString()],
            .. Included is null ? Array.Empty<string>() : [$"all but {Included}"],
            .. Subset is null ? Array.Empty<string>() : [$"all but {Subset}"],
        ];
        return parts.Length == 0 ? "none" : string.Join("; ", parts);
    }
}
