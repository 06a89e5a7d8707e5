using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Data;

/// <summary>
/// Which sequences train and which validate. Of the sorted article ids the last tenth, at least one, validates (p6b-facts 2.4), so no
/// article is on both sides.
/// </summary>
public sealed class ArticleSplit
{
    private const double ValidationFraction = 0.1;

    private ArticleSplit(int[] train, int[] validation)
    {
        Train = train;
        Validation = validation;
    }

    /// <summary>Sequences to train on, ascending; never empty.</summary>
    public ReadOnlyMemory<int> Train { get; }

    /// <summary>Sequences to validate on, ascending; never empty.</summary>
    public ReadOnlyMemory<int> Validation { get; }

    /// <summary>Whether articles were kept apart.</summary>
    public bool ByArticle { get; private init; }

    /// <summary>What to tell the user about this split, or null.</summary>
    public string? Warning { get; private init; }

    /// <summary>Articles to train on; 0 when the file does not say.</summary>
    public int TrainArticles { get; private init; }

    /// <summary>Articles to validate on; 0 when the file does not say.</summary>
    public int ValidationArticles { get; private init; }

    /// <summary>Splits one set: by article, or at random where the file has no article ids.</summary>
    /// <param name="set">The sequences.</param>
    /// <param name="seed">Of the random split; a split by article does not depend on it.</param>
    /// <exception cref="InputException">There is nothing left to train on: a single article, or a single sequence.</exception>
    public static ArticleSplit Of(ISequenceSet set, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(set);
        return set.HasArticles ? ByArticles(set) : AtRandom(set, seed);
    }

    /// <summary>All of one set to train on, all of another to validate on.</summary>
    /// <exception cref="InputException">The vectors of the two differ in dimension.</exception>
    public static ArticleSplit Whole(ISequenceSet train, ISequenceSet validation)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(validation);
        if (train.Dimension != validation.Dimension)
            throw new InputException($"{validation.Path}: vectors of {validation.Dimension} components; "
                + $"the training data {train.Path} has {train.Dimension}");
        return new ArticleSplit([.. Enumerable.Range(0, train.Count)], [.. Enumerable.Range(0, validation.Count)])
        {
            ByArticle = train.HasArticles && validation.HasArticles,
            TrainArticles = train.HasArticles ? ArticlesOf(train).Length : 0,
            ValidationArticles = validation.HasArticles ? ArticlesOf(validation).Length : 0,
        };
    }

    private static ArticleSplit ByArticles(ISequenceSet set)
    {
        long[] articles = ArticlesOf(set);
        int validationCount = Math.Max(1, (int)(ValidationFraction * articles.Length));
        if (validationCount == articles.Length)
            throw new InputException($"{set.Path}: all {set.Count} sequences are of article {articles[0]}, so none is left to train on; "
                + "use data of at least two articles, or name validation data with --val");
        long firstValidation = articles[^validationCount];
        ILookup<bool, int> sides = Enumerable.Range(0, set.Count).ToLookup(sequence => set.ArticleOf(sequence) >= firstValidation);
        return new ArticleSplit([.. sides[false]], [.. sides[true]])
        {
            ByArticle = true,
            TrainArticles = articles.Length - validationCount,
            ValidationArticles = validationCount,
        };
    }

    private static ArticleSplit AtRandom(ISequenceSet set, ulong seed)
    {
        int trainCount = (int)((1 - ValidationFraction) * set.Count);
        if (trainCount == 0)
            throw new InputException($"{set.Path}: {set.Count} sequence is too few to split; name validation data with --val");
        var order = new int[set.Count];
        new EpochOrder(Enumerable.Range(0, set.Count).ToArray(), CounterRandom.Mix(seed, EpochOrder.SplitStream), shuffle: true).Fill(0, order);
        int[] train = order[..trainCount];
        int[] validation = order[trainCount..];
        Array.Sort(train);
        Array.Sort(validation);
        return new ArticleSplit(train, validation)
        {
            Warning = $"{set.Path} has no article ids: a random tenth validates, and since neighbouring windows share vectors, "
                + "validation numbers will be too good; add article_ids, or name validation data with --val",
        };
    }

    private static long[] ArticlesOf(ISequenceSet set)
    {
        var ids = new SortedSet<long>();
        for (int sequence = 0; sequence < set.Count; sequence++)
            ids.Add(set.ArticleOf(sequence));
        return [.. ids];
    }
}
