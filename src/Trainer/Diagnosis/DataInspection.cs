using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>An array as the archive lists it.</summary>
/// <param name="Key">Name without <c>.npy</c>.</param>
/// <param name="Dtype">Element type as numpy writes it.</param>
/// <param name="Shape">Extent of each axis.</param>
/// <param name="Stored">Stored in the archive as it is, not deflated.</param>
internal sealed record ArrayListing(string Key, string Dtype, IReadOnlyList<long> Shape, bool Stored);

/// <summary>Norms of the vectors under one key.</summary>
/// <param name="Key">Name of the array.</param>
/// <param name="Norms">Norms as the file holds them.</param>
internal sealed record VectorNorms(string Key, NormRange Norms);

/// <summary>A mean cosine and what it is of.</summary>
/// <param name="Name"><c>lag 1</c> .. <c>lag 5</c> in articles of a store, or <c>ctx0-target</c> .. <c>ctx4-target</c> of a sequence file.</param>
/// <param name="Mean">Mean over all pairs.</param>
/// <param name="Pairs">Number of pairs.</param>
internal sealed record MeanCosine(string Name, double Mean, long Pairs);

/// <summary>Least, mean and most sequences that an article has.</summary>
/// <param name="Min">Least.</param>
/// <param name="Mean">Mean.</param>
/// <param name="Max">Most.</param>
/// <param name="Without">Articles too short for any.</param>
internal sealed record SequencesPerArticle(int Min, double Mean, int Max, int Without);

/// <summary>What there is to know about a data file before training on it; shown by <c>p6b data inspect</c>.</summary>
internal sealed record DataInspection
{
    /// <summary>The file, as named by the user.</summary>
    public required string Path { get; init; }

    /// <summary><c>article store</c> or <c>sequence file</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>All arrays of the archive.</summary>
    public required IReadOnlyList<ArrayListing> Arrays { get; init; }

    /// <summary>Components of a vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>Vectors of a store; null for a sequence file.</summary>
    public int? Rows { get; init; }

    /// <summary>Sequences with the row after the context as target; null for a sequence file.</summary>
    public int? SequencesAtOffset0 { get; init; }

    /// <summary>Sequences with the P6 target, one row further; of a sequence file, its sequences.</summary>
    public required int Sequences { get; init; }

    /// <summary>Number of articles; null when the file does not say.</summary>
    public int? Articles { get; init; }

    /// <summary>Sequences (P6) in an article; null when the file does not know articles.</summary>
    public SequencesPerArticle? PerArticle { get; init; }

    /// <summary>Articles of a store whose chunk indices leave gaps or repeat; null for a sequence file.</summary>
    public int? ArticlesWithGaps { get; init; }

    /// <summary>Vectors (of a sequence file: targets) that equal an earlier one in every bit.</summary>
    public required int Duplicates { get; init; }

    /// <summary>Norms of the vectors.</summary>
    public required IReadOnlyList<VectorNorms> Norms { get; init; }

    /// <summary>How alike neighbours are.</summary>
    public required IReadOnlyList<MeanCosine> Cosines { get; init; }

    /// <summary>Measures a store.</summary>
    /// <param name="store">The store.</param>
    /// <param name="lags">Its mean cosines at lags 1..5.</param>
    public static DataInspection OfStore(ArticleStore store, IReadOnlyList<MeanCosine> lags)
    {
        int[] sequences = [.. from article in Enumerable.Range(0, store.ArticleCount)
                              select Math.Max(0, store.RowsOf(article).Length - SequenceSet.ContextLength - 1)];
        return new DataInspection
        {
            Path = store.Path,
            Kind = store.Kind,
            Arrays = List(store.Path),
            Dimension = store.Dimension,
            Rows = store.RowCount,
            SequencesAtOffset0 = store.WindowsAt(0),
            Sequences = store.WindowsAt(1),
            Articles = store.ArticleCount,
            PerArticle = PerArticleOf(sequences),
            ArticlesWithGaps = store.ArticlesWithGaps,
            Duplicates = DuplicateVectors.Count(store.RowCount, store.Dimension, store.CopyRow),
            Norms = [new(store.VectorKey, store.Norms)],
            Cosines = lags,
        };
    }

    /// <summary>Measures a sequence file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cosines">Its mean cosines.</param>
    public static DataInspection OfSequences(SequenceFile file, SequenceCosines cosines)
    {
        int[]? sequences = file.HasArticles ? [.. Enumerable.Range(0, file.Count).CountBy(file.ArticleOf).Select(entry => entry.Value)] : null;
        return new DataInspection
        {
            Path = file.Path,
            Kind = file.Kind,
            Arrays = List(file.Path),
            Dimension = file.Dimension,
            Sequences = file.Count,
            Articles = sequences?.Length,
            PerArticle = sequences is null ? null : PerArticleOf(sequences),
            Duplicates = DuplicateVectors.Count(file.Count, file.Dimension, file.CopyTarget),
            Norms = [new(file.ContextKey, file.ContextNorms), new(file.TargetKey, file.TargetNorms)],
            Cosines = [.. cosines.ToTarget.Select((mean, slot) => new MeanCosine($"ctx{slot}-target", mean, file.Count))],
        };
    }

    private static List<ArrayListing> List(string path)
    {
        using NpzArchive archive = NpzArchive.Open(path);
        return [.. from array in archive.Keys.Select(archive.Get)
                   select new ArrayListing(array.Key, array.Header.Descr, array.Header.Shape, array.IsStored)];
    }

    private static SequencesPerArticle PerArticleOf(int[] sequences) =>
        new(sequences.Min(), sequences.Average(), sequences.Max(), sequences.Count(count => count == 0));
}
