namespace P6bNative.Trainer.Data;

/// <summary>The rows of a store grouped by article and put in document order; articles in the order of their first row.</summary>
internal sealed class ArticleRows
{
    private readonly long[] _articleOfRow;
    private readonly long[] _chunkOfRow;
    private readonly long[] _ids;
    private readonly int[] _starts;

    /// <summary>Groups rows.</summary>
    /// <param name="articleOfRow">The article id of every row; rows of an article need not be neighbours.</param>
    /// <param name="chunkOfRow">The place of every row in its article; null: file order. Rows of equal place stay in file order.</param>
    public ArticleRows(long[] articleOfRow, long[]? chunkOfRow)
    {
        _articleOfRow = articleOfRow;
        var numbers = new Dictionary<long, int>();
        var counts = new List<int>();
        var ids = new List<long>();
        var articles = new int[articleOfRow.Length];
        for (int row = 0; row < articleOfRow.Length; row++)
        {
            if (!numbers.TryGetValue(articleOfRow[row], out int article))
            {
                article = numbers.Count;
                numbers.Add(articleOfRow[row], article);
                ids.Add(articleOfRow[row]);
                counts.Add(0);
            }
            articles[row] = article;
            counts[article]++;
        }

        _ids = [.. ids];
        _starts = new int[_ids.Length + 1];
        for (int article = 0; article < _ids.Length; article++)
            _starts[article + 1] = _starts[article] + counts[article];

        Ordered = new int[articleOfRow.Length];
        int[] next = _starts[..^1];
        for (int row = 0; row < articles.Length; row++)
            Ordered[next[articles[row]]++] = row;
        _chunkOfRow = chunkOfRow is null ? CountChunks() : SortByChunk(chunkOfRow);
    }

    public int ArticleCount => _ids.Length;

    /// <summary>All rows, article by article.</summary>
    public int[] Ordered { get; }

    public long ArticleId(int article) => _ids[article];

    public long ArticleOfRow(int row) => _articleOfRow[row];

    public long ChunkOfRow(int row) => _chunkOfRow[row];

    public ReadOnlySpan<int> RowsOf(int article) => Ordered.AsSpan(_starts[article].._starts[article + 1]);

    /// <summary>The article that a place of <see cref="Ordered"/> belongs to, and where it begins.</summary>
    public (int Article, int Start) ArticleAt(int place)
    {
        int found = _starts.AsSpan().BinarySearch(place);
        int article = found >= 0 ? found : ~found - 1;
        return (article, _starts[article]);
    }

    /// <summary>Number of windows of a length that fit into articles.</summary>
    public int WindowCount(long length)
    {
        long count = 0;
        for (int article = 0; article < ArticleCount; article++)
            count += Math.Max(0, RowsOf(article).Length - length + 1);
        return (int)count;
    }

    /// <summary>Number of articles with at least so many rows.</summary>
    public int ArticlesOfLength(long rows) => Enumerable.Range(0, ArticleCount).Count(article => RowsOf(article).Length >= rows);

    /// <summary>Where in <see cref="Ordered"/> the windows of a length begin.</summary>
    public int[] WindowStarts(long length)
    {
        var windows = new int[WindowCount(length)];
        int window = 0;
        for (int article = 0; article < ArticleCount; article++)
        {
            for (int start = _starts[article]; start + length <= _starts[article + 1]; start++)
                windows[window++] = start;
        }
        return windows;
    }

    /// <summary>Articles in which the place of a row is not one more than that of the row before.</summary>
    public int ArticlesWithGaps()
    {
        int count = 0;
        for (int article = 0; article < ArticleCount; article++)
        {
            ReadOnlySpan<int> rows = RowsOf(article);
            int i = 1;
            while (i < rows.Length && _chunkOfRow[rows[i]] - _chunkOfRow[rows[i - 1]] == 1)
                i++;
            count += i < rows.Length ? 1 : 0;
        }
        return count;
    }

    private long[] CountChunks()
    {
        var chunks = new long[Ordered.Length];
        for (int article = 0; article < ArticleCount; article++)
        {
            ReadOnlySpan<int> rows = RowsOf(article);
            for (int i = 0; i < rows.Length; i++)
                chunks[rows[i]] = i;
        }
        return chunks;
    }

    private long[] SortByChunk(long[] chunks)
    {
        for (int article = 0; article < ArticleCount; article++)
        {
            Ordered.AsSpan(_starts[article].._starts[article + 1]).Sort((a, b) =>
            {
                int byChunk = chunks[a].CompareTo(chunks[b]);
                return byChunk != 0 ? byChunk : a.CompareTo(b);
            });
        }
        return chunks;
    }
}
