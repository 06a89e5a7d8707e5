namespace P6bNative.Trainer.Data;

/// <summary>
/// Articles as one table of vectors (N,D), each kept once. Sequences are windows inside an article, held as row numbers: with the rows
/// of an article in document order, context rows i..i+4 and target row i+5+offset.
/// </summary>
public sealed class ArticleStore : ISequenceSet
{
    /// <summary>Most components of a vector that are read.</summary>
    internal const int LargestDimension = 1 << 16;

    private readonly NpzArchive _archive;
    private readonly VectorTable _vectors;
    private readonly ArticleRows _rows;
    private readonly int[] _windows;

    private ArticleStore(NpzArchive archive, int targetOffset, bool sequencesNeeded)
    {
        _archive = archive;
        TargetOffset = targetOffset >= 0
            ? targetOffset
            : throw new InputException($"--target-offset {targetOffset}: must be 0 (the row after the context) or more; 1 is the P6 target");
        VectorKey = archive.FirstOf(VectorKeys)
            ?? throw new InputException($"{archive.Path}: no vectors; one of the keys {string.Join(", ", VectorKeys)} is needed");
        NpyArray vectors = archive.Get(VectorKey);
        SequenceSet.RequireShape(vectors, "(N, D), one vector a row,", -1, -1);
        if (vectors.Header.Shape[0] > int.MaxValue || vectors.Header.Shape[1] > LargestDimension)
            throw vectors.Wrong($"shape is {vectors.Header.ShapeText}; at most {int.MaxValue} rows of {LargestDimension} components are read");
        RowCount = (int)vectors.Header.Shape[0];
        Dimension = (int)vectors.Header.Shape[1];

        NpyArray articles = RowNumbers(ArticleKeys) ?? throw new InputException(
            $"{archive.Path}: no article ids; one of the keys {string.Join(", ", ArticleKeys)} is needed, so that windows stay inside articles");
        NpyArray? chunks = RowNumbers(ChunkKeys);
        _vectors = VectorTable.Open(vectors);
        _rows = new ArticleRows(articles.ReadIntegers(), chunks?.ReadIntegers());
        long windowLength = SequenceSet.ContextLength + targetOffset + 1L;
        _windows = _rows.WindowStarts(windowLength);
        if (_windows.Length == 0 && sequencesNeeded)
            throw new InputException($"{archive.Path}: no sequence: none of the {ArticleCount} articles has the {windowLength} rows "
                + $"that 5 contexts and a target at offset {targetOffset} need");
    }

    /// <inheritdoc/>
    public string Path => _archive.Path;

    /// <inheritdoc/>
    public string Kind => "article store";

    /// <inheritdoc/>
    public int Count => _windows.Length;

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public int ContextLength => SequenceSet.ContextLength;

    /// <inheritdoc/>
    public bool HasArticles => true;

    /// <summary>Rows between the last context and the target: 1 for P6, 0 for the very next row.</summary>
    public int TargetOffset { get; }

    /// <summary>All vectors of the file, also those in no window.</summary>
    public int RowCount { get; }

    /// <summary>Number of articles, also those too short for a window.</summary>
    public int ArticleCount => _rows.ArticleCount;

    /// <summary>The key the vectors were found under.</summary>
    internal string VectorKey { get; }

    /// <summary>Norms of the vectors as the file holds them.</summary>
    internal NormRange Norms => _vectors.Norms;

    /// <summary>Articles whose chunk indices are not consecutive.</summary>
    internal int ArticlesWithGaps => _rows.ArticlesWithGaps();

    internal static string[] VectorKeys { get; } = ["vectors", "embeddings", "X"];

    internal static string[] ArticleKeys { get; } = ["article_indices", "article_ids"];

    internal static string[] ChunkKeys { get; } = ["chunk_indices", "seq_idx"];

    /// <summary>Opens and checks a store; all vectors are read once.</summary>
    /// <param name="path">The .npz file.</param>
    /// <param name="targetOffset">1 makes row i+6 the target of context i..i+4 (P6), 0 row i+5.</param>
    /// <exception cref="InputException">The file is missing, damaged, or holds what training cannot use; the message names key and row.</exception>
    public static ArticleStore Open(string path, int targetOffset = 1) => Open(path, targetOffset, sequencesNeeded: true);

    /// <summary>Opens and checks a store, whether or not an article is long enough for a sequence.</summary>
    /// <exception cref="InputException">The file is missing, damaged, or holds vectors that cannot be used.</exception>
    internal static ArticleStore OpenRows(string path) => Open(path, targetOffset: 0, sequencesNeeded: false);

    private static ArticleStore Open(string path, int targetOffset, bool sequencesNeeded)
    {
        NpzArchive archive = NpzArchive.Open(path);
        try
        {
            return new ArticleStore(archive, targetOffset, sequencesNeeded);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    /// <summary>Articles long enough for a sequence.</summary>
    internal int ArticlesWithSequences => _rows.ArticlesOfLength(SequenceSet.ContextLength + TargetOffset + 1L);

    /// <summary>The id of an article; articles are numbered as they first appear in the file.</summary>
    public long ArticleId(int article) => _rows.ArticleId(article);

    /// <summary>The rows of an article in document order.</summary>
    public ReadOnlySpan<int> RowsOf(int article) => _rows.RowsOf(article);

    /// <summary>The id of the article that a row belongs to.</summary>
    public long ArticleOfRow(int row) => _rows.ArticleOfRow(row);

    /// <summary>The place of a row in its article, as the file says, or counted from 0 when it does not.</summary>
    public long ChunkOfRow(int row) => _rows.ChunkOfRow(row);

    /// <summary>The row of every (article id, chunk index); of rows with one place the last.</summary>
    internal Dictionary<(long Article, long Chunk), int> RowsByPlace()
    {
        var rows = new Dictionary<(long Article, long Chunk), int>(RowCount);
        for (int row = 0; row < RowCount; row++)
            rows[(ArticleOfRow(row), ChunkOfRow(row))] = row;
        return rows;
    }

    /// <summary>Number of sequences this store has at another target offset.</summary>
    public int WindowsAt(int targetOffset) => _rows.WindowCount(SequenceSet.ContextLength + targetOffset + 1L);

    /// <summary>The row of one of the five contexts (slot 0 is the oldest) of a sequence.</summary>
    public int ContextRowOf(int sequence, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SequenceSet.ContextLength);
        return _rows.Ordered[_windows[sequence] + slot];
    }

    /// <summary>The row of the target of a sequence.</summary>
    public int TargetRowOf(int sequence) => WindowRowOf(sequence, SequenceSet.ContextLength + TargetOffset);

    /// <summary>Where the window of a sequence begins among all rows, taken article by article in document order.</summary>
    internal int StartOf(int sequence) => _windows[sequence];

    /// <summary>The row at a place of the window of a sequence: the five contexts from 0 on, rows that are skipped, the target last.</summary>
    internal int WindowRowOf(int sequence, int place) => _rows.Ordered[_windows[sequence] + place];

    /// <summary>Rows of the longest article.</summary>
    internal int LongestArticle => Enumerable.Range(0, ArticleCount).Max(article => RowsOf(article).Length);

    /// <summary>Where a sequence lies in its article.</summary>
    internal WindowPlace PlaceOf(int sequence)
    {
        (int article, int start) = _rows.ArticleAt(_windows[sequence]);
        int context = _windows[sequence] - start;
        return new WindowPlace(article, context, context + SequenceSet.ContextLength + TargetOffset);
    }

    /// <inheritdoc/>
    public long ArticleOf(int sequence) => ArticleOfRow(TargetRowOf(sequence));

    /// <inheritdoc/>
    public long? TargetIndexOf(int sequence) => ChunkOfRow(TargetRowOf(sequence));

    /// <summary>Copies the vector of a row.</summary>
    public void CopyRow(int row, Span<float> destination) => _vectors.CopyRow(row, destination);

    /// <inheritdoc/>
    public void CopyContext(int sequence, Span<float> destination)
    {
        for (int slot = 0; slot < SequenceSet.ContextLength; slot++)
            _vectors.CopyRow(ContextRowOf(sequence, slot), destination.Slice(slot * Dimension, Dimension));
    }

    /// <inheritdoc/>
    public void CopyTarget(int sequence, Span<float> destination) => _vectors.CopyRow(TargetRowOf(sequence), destination);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _archive.Dispose();

    private NpyArray? RowNumbers(string[] keys)
    {
        if (_archive.FirstOf(keys) is not { } key)
            return null;
        NpyArray array = _archive.Get(key);
        SequenceSet.RequireShape(array, $"({RowCount},), one number a vector,", RowCount);
        return array;
    }
}
