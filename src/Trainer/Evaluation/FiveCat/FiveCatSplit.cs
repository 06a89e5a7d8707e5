using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// The sequences of one side of the 5CAT in file order, and for each the place of its target in the article store. Samples are numbered
/// 0 .. <see cref="Count"/> − 1 in that order.
/// </summary>
internal sealed class FiveCatSplit
{
    private readonly ReadOnlyMemory<int> _sequences;
    private readonly int[] _articles;
    private readonly int[] _positions;

    /// <summary>Finds the targets in the store.</summary>
    /// <param name="name">VAL or OOD.</param>
    /// <param name="set">The file of the sequences.</param>
    /// <param name="sequences">Those of its sequences that belong to the split, ascending.</param>
    /// <param name="store">The articles; <paramref name="set"/> itself where that is a store.</param>
    /// <exception cref="InputException">The set does not say where targets come from, or the store lacks an article or a chunk.</exception>
    public FiveCatSplit(string name, ISequenceSet set, ReadOnlyMemory<int> sequences, ArticleStore store)
    {
        if (store.Dimension != set.Dimension)
        {
            throw new InputException($"{store.Path}: vectors of {store.Dimension} components, but {set.Path} has {set.Dimension}; "
                + "the articles must be those that the sequences were cut from.");
        }

        (Name, Set, Store, _sequences) = (name, set, store, sequences);
        _articles = new int[sequences.Length];
        _positions = new int[sequences.Length];
        if (ReferenceEquals(set, store)) LocateRows();
        else LocateChunks();
    }

    /// <summary>VAL or OOD.</summary>
    public string Name { get; }

    /// <summary>The file of the sequences.</summary>
    public ISequenceSet Set { get; }

    /// <summary>The articles.</summary>
    public ArticleStore Store { get; }

    /// <summary>Number of samples.</summary>
    public int Count => _sequences.Length;

    /// <summary>The sequence of a sample in <see cref="Set"/>.</summary>
    public int SequenceOf(int sample) => _sequences.Span[sample];

    /// <summary>The number of the target's article in <see cref="Store"/>.</summary>
    public int ArticleOf(int sample) => _articles[sample];

    /// <summary>The place of the target among the rows of its article.</summary>
    public int PositionOf(int sample) => _positions[sample];

    /// <summary>Number of rows of the target's article.</summary>
    public int RowsAround(int sample) => Store.RowsOf(_articles[sample]).Length;

    /// <summary>Whether the article has all rows from <paramref name="first"/> to <paramref name="last"/> places after the target.</summary>
    public bool HasOffsets(int sample, int first, int last) => _positions[sample] + first >= 0 && _positions[sample] + last < RowsAround(sample);

    private void LocateRows()
    {
        var articleOfRow = new int[Store.RowCount];
        var positionOfRow = new int[Store.RowCount];
        for (int article = 0; article < Store.ArticleCount; article++)
        {
            ReadOnlySpan<int> rows = Store.RowsOf(article);
            for (int position = 0; position < rows.Length; position++)
                (articleOfRow[rows[position]], positionOfRow[rows[position]]) = (article, position);
        }

        for (int sample = 0; sample < Count; sample++)
        {
            int row = Store.TargetRowOf(SequenceOf(sample));
            (_articles[sample], _positions[sample]) = (articleOfRow[row], positionOfRow[row]);
        }
    }

    private void LocateChunks()
    {
        if (!Set.HasArticles || Set.TargetIndexOf(SequenceOf(0)) is null)
        {
            throw new InputException($"{Set.Path}: does not say where its targets come from; article_ids and target_indices, or metadata with "
                + "article_index and target_chunk_index, are needed to find their neighbours.");
        }

        var articles = new Dictionary<long, int>();
        var positions = new Dictionary<(int Article, long Chunk), int>();
        for (int article = 0; article < Store.ArticleCount; article++)
        {
            articles.Add(Store.ArticleId(article), article);
            ReadOnlySpan<int> rows = Store.RowsOf(article);
            for (int position = 0; position < rows.Length; position++) positions.TryAdd((article, Store.ChunkOfRow(rows[position])), position);
        }

        for (int sample = 0; sample < Count; sample++)
        {
            int sequence = SequenceOf(sample);
            long id = Set.ArticleOf(sequence), chunk = Set.TargetIndexOf(sequence)!.Value;
            if (!articles.TryGetValue(id, out _articles[sample]))
                throw new InputException($"{Store.Path}: has no article {id}, which the target of sequence {sequence} of {Set.Path} belongs to.");
            if (!positions.TryGetValue((_articles[sample], chunk), out _positions[sample]))
            {
                throw new InputException($"{Store.Path}: article {id} has no chunk {chunk}, the target of sequence {sequence} of {Set.Path}; "
                    + $"its {RowsAround(sample)} chunks are numbered from {Store.ChunkOfRow(Store.RowsOf(_articles[sample])[0])}.");
            }
        }
    }
}
