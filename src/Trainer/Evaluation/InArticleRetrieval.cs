using System.Numerics.Tensors;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation.FiveCat;

namespace P6bNative.Trainer.Evaluation;

/// <summary>How high the target ranks by cosine among the chunks of its article that were not given as context.</summary>
/// <param name="ReciprocalRank">MRR: mean of 1/rank; rank 1 + the number of chunks strictly nearer to the output than the target.</param>
/// <param name="RecallAt1">Share of targets with rank 1.</param>
/// <param name="RecallAt5">Share of targets with rank 5 or better.</param>
internal readonly record struct RetrievalResult(double ReciprocalRank, double RecallAt1, double RecallAt5)
{
    /// <summary>Where there are no articles to rank in.</summary>
    public static RetrievalResult None { get; } = new(double.NaN, double.NaN, double.NaN);
}

/// <summary>
/// The measure of use that no margin can stand for: <c>B0:MRR(no ctx)</c> of <c>evaluate</c>, over at most <see cref="LargestSample"/> windows, every n-th.
/// </summary>
internal sealed class InArticleRetrieval
{
    /// <summary>Most windows that are ranked.</summary>
    public const int LargestSample = 8192;

    private readonly ArticleStore _store;
    private readonly int _every;
    private readonly float[] _row;
    private readonly int[] _sameAs;
    private double[] _article = [];
    private int _articleNumber = -1;
    private int _rows;
    private int _seen;
    private int _ranked;
    private double _reciprocal;
    private int _first;
    private int _firstFive;

    /// <summary>Starts with no window.</summary>
    /// <param name="store">The articles.</param>
    /// <param name="windows">Windows that will be added.</param>
    public InArticleRetrieval(ArticleStore store, int windows)
    {
        _store = store;
        _every = (windows + LargestSample - 1) / LargestSample;
        _row = new float[store.Dimension];
        _sameAs = new int[store.LongestArticle];
    }

    /// <summary>The means; NaN before the first window.</summary>
    public RetrievalResult Result => new(_reciprocal / _ranked, (double)_first / _ranked, (double)_firstFive / _ranked);

    /// <summary>Adds windows.</summary>
    /// <param name="sequences">Sequences of the store; those of one article one after another are fastest.</param>
    /// <param name="outputs">[sequences, D], of any length: only directions count. An output that is not a number ranks last.</param>
    public void Add(ReadOnlySpan<int> sequences, ReadOnlySpan<double> outputs)
    {
        for (int i = 0; i < sequences.Length; i++)
        {
            if (_seen++ % _every != 0) continue;
            int rank = Rank(sequences[i], outputs.Slice(i * _store.Dimension, _store.Dimension));
            _ranked++;
            _reciprocal += 1.0 / rank;
            _first += rank == 1 ? 1 : 0;
            _firstFive += rank <= 5 ? 1 : 0;
        }
    }

    /// <summary>Forgets every window.</summary>
    public void Reset() => (_seen, _ranked, _reciprocal, _first, _firstFive) = (0, 0, 0, 0, 0);

    private int Rank(int sequence, ReadOnlySpan<double> output)
    {
        WindowPlace window = _store.PlaceOf(sequence);
        ReadArticle(window.Article);
        double target = Score(window.Target, output);
        int rank = 1;
        for (int place = 0; place < _rows; place++)
        {
            if (place != window.Target && !IsContext(place, window) && !(Score(place, output) <= target)) rank++;
        }

        return rank;
    }

    /// <summary>Whether a row is one of the context vectors, there or as a copy elsewhere in the article, as <c>evaluate</c> sees it.</summary>
    private bool IsContext(int place, WindowPlace window) =>
        _sameAs.AsSpan(window.FirstContext, SequenceSet.ContextLength).Contains(_sameAs[place]);

    private double Score(int place, ReadOnlySpan<double> output) =>
        TensorPrimitives.Dot(output, _article.AsSpan(place * _store.Dimension, _store.Dimension));

    private void ReadArticle(int article)
    {
        if (article == _articleNumber) return;
        ReadOnlySpan<int> rows = _store.RowsOf(article);
        int dimension = _store.Dimension;
        (_articleNumber, _rows) = (article, rows.Length);
        if (_article.Length < _rows * dimension) _article = new double[_rows * dimension];
        for (int place = 0; place < _rows; place++)
        {
            Span<double> unit = _article.AsSpan(place * dimension, dimension);
            _store.CopyRow(rows[place], _row);
            TensorPrimitives.ConvertChecked<float, double>(_row, unit);
            TensorPrimitives.Divide(unit, TensorPrimitives.Norm<double>(unit), unit);
            int same = 0;
            while (same < place && Score(same, unit) < SampleBlock.SameVector) same++;
            _sameAs[place] = same;
        }
    }
}
