namespace P6bNative.Trainer.Data;

/// <summary>
/// Which rows of a store make which sequence: five contexts side by side in an order of rows, and a target. Either within articles, as
/// training cuts windows, or straddling them, as the original did (p6b-facts 2.2, 2.3).
/// </summary>
internal sealed class WindowPlan
{
    private readonly int[] _order;
    private readonly int[] _starts;
    private readonly int[] _targets;

    private WindowPlan(int[] order, int[] starts, int[] targets, int dropped)
    {
        _order = order;
        _starts = starts;
        _targets = targets;
        Dropped = dropped;
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _starts.Length;

    /// <summary>Windows left out because their article ends before the target.</summary>
    public int Dropped { get; }

    /// <summary>Contexts and target of one article, its rows in document order; articles in the order of the file.</summary>
    /// <param name="store">The rows.</param>
    /// <param name="articles">The articles to cut windows from.</param>
    /// <param name="targetOffset">Rows between the last context and the target.</param>
    /// <param name="limit">Most sequences; the first ones are taken.</param>
    public static WindowPlan WithinArticles(ArticleStore store, IReadOnlySet<long> articles, int targetOffset, int limit)
    {
        var order = new List<int>();
        var starts = new List<int>();
        var targets = new List<int>();
        for (int article = 0; article < store.ArticleCount; article++)
        {
            if (!articles.Contains(store.ArticleId(article)))
                continue;
            ReadOnlySpan<int> rows = store.RowsOf(article);
            for (int first = 0; first + SequenceSet.ContextLength + targetOffset < rows.Length && starts.Count < limit; first++)
            {
                starts.Add(order.Count + first);
                targets.Add(rows[first + SequenceSet.ContextLength + targetOffset]);
            }
            order.AddRange(rows);
        }
        return new WindowPlan([.. order], [.. starts], [.. targets], dropped: 0);
    }

    /// <summary>
    /// The original's windows: all rows of the chosen articles in file order, a window at every row, whatever article its contexts are of.
    /// The row after the contexts is (article a, chunk c); the target is (a, c + offset), and where there is none the window is dropped.
    /// </summary>
    /// <param name="store">The rows.</param>
    /// <param name="articles">The articles whose rows are used.</param>
    /// <param name="targetOffset">0: the row after the contexts; 1: P6.</param>
    /// <param name="limit">Most windows that are cut, before any is dropped.</param>
    public static WindowPlan Straddling(ArticleStore store, IReadOnlySet<long> articles, int targetOffset, int limit)
    {
        int[] order = [.. Enumerable.Range(0, store.RowCount).Where(row => articles.Contains(store.ArticleOfRow(row)))];
        int cut = Math.Min(limit, Math.Max(0, order.Length - SequenceSet.ContextLength));
        var starts = new List<int>(cut);
        var targets = new List<int>(cut);
        Dictionary<(long Article, long Chunk), int>? rows = targetOffset > 0 ? store.RowsByPlace() : null;
        for (int start = 0; start < cut; start++)
        {
            int target = order[start + SequenceSet.ContextLength];
            if (rows?.TryGetValue((store.ArticleOfRow(target), store.ChunkOfRow(target) + targetOffset), out target) == false)
                continue;
            starts.Add(start);
            targets.Add(target);
        }
        return new WindowPlan(order, [.. starts], [.. targets], cut - starts.Count);
    }

    /// <summary>The row of a context; slot 0 is the oldest.</summary>
    public int ContextRow(int sequence, int slot) => _order[_starts[sequence] + slot];

    /// <summary>The row of the target.</summary>
    public int TargetRow(int sequence) => _targets[sequence];
}
