using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>Cosines between the rows of one article up to 5 apart.</summary>
internal sealed class LagCosines
{
    public const int LargestLag = 5;

    private readonly ArticleStore _store;
    private readonly float[][] _recent = new float[LargestLag + 1][];
    private double[] _cosines = [];

    public LagCosines(ArticleStore store)
    {
        _store = store;
        for (int i = 0; i < _recent.Length; i++)
            _recent[i] = new float[store.Dimension];
    }

    /// <summary>Rows of the article.</summary>
    public int Rows { get; private set; }

    /// <summary>Takes up an article.</summary>
    public void Load(int article)
    {
        ReadOnlySpan<int> rows = _store.RowsOf(article);
        Rows = rows.Length;
        if (_cosines.Length < Rows * LargestLag)
            _cosines = new double[Rows * LargestLag];
        for (int row = 0; row < Rows; row++)
        {
            float[] current = _recent[row % _recent.Length];
            _store.CopyRow(rows[row], current);
            for (int lag = 1; lag <= Math.Min(row, LargestLag); lag++)
                _cosines[row * LargestLag + lag - 1] = TensorPrimitives.CosineSimilarity<float>(current, _recent[(row - lag) % _recent.Length]);
        }
    }

    /// <summary>The cosine of two rows, at most 5 apart.</summary>
    public double Between(int row, int other)
    {
        int later = Math.Max(row, other);
        int lag = Math.Abs(row - other);
        return lag == 0 ? 1 : _cosines[later * LargestLag + lag - 1];
    }
}
