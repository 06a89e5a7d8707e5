using System.Numerics.Tensors;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>What only the article store of a sequence file can tell: the rows around its targets, and where its contexts come from.</summary>
/// <param name="Found">Sequences whose target is the row of the store that the file names.</param>
/// <param name="AnyContext">Of these, sequences whose contexts are not the five rows before in the target's article.</param>
/// <param name="Figures">The four figures called Δ, over the sequences found that have the rows they need.</param>
/// <param name="Curve">k = -3..3 around the target, over the sequences found that have all seven rows; empty when there is none.</param>
internal sealed record SequencesInStore(int Found, int AnyContext, IReadOnlyList<DirectionFigure> Figures, IReadOnlyList<OffsetPoint> Curve)
{
    // Two vectors are the same chunk: float16 rounding moves a cosine by less than 1e-6, different chunks are far below.
    private const double SameChunk = 0.9999;

    /// <summary>Looks up every sequence by article id and target index.</summary>
    /// <exception cref="InputException">The file does not say which chunks its targets are, or none of them is in the store.</exception>
    public static SequencesInStore Of(SequenceFile file, ArticleStore store, int targetOffset)
    {
        if (!file.HasArticles || file.TargetIndexOf(0) is null)
        {
            throw new InputException($"{file.Path}: does not say which article and chunk its targets are (metadata, or article_ids and "
                + "target_indices), so --store cannot be asked");
        }
        if (file.Dimension != store.Dimension)
            throw new InputException($"{store.Path}: vectors of {store.Dimension} components; the sequences of {file.Path} have {file.Dimension}");
        var around = new Surroundings(file, store, targetOffset);
        var curve = new RunningMean[2 * StoreDirection.LargestOffset + 1];
        RunningMean ahead = default, across = default, decline = default, balance = default;
        int found = 0, anyContext = 0;
        for (int sequence = 0; sequence < file.Count; sequence++)
        {
            if (!around.Load(sequence))
                continue;
            found++;
            anyContext += around.ContextsPrecede() ? 0 : 1;
            if (around.ToLast(0) is { } next)
            {
                double before = around.LastToBefore();
                decline.Add(next - around.ToFirst(0)!.Value);
                balance.Add(next - before);
                if (around.ToLast(1) is { } p6Target)
                {
                    ahead.Add(p6Target - next);
                    across.Add(p6Target - before);
                }
            }
            double?[] points = [.. Enumerable.Range(-StoreDirection.LargestOffset, curve.Length).Select(k => around.ToLast(targetOffset + k))];
            for (int i = 0; i < points.Length && !points.Contains(null); i++)
                curve[i].Add(points[i]!.Value);
        }
        if (found == 0)
            throw new InputException($"{store.Path}: none of the targets of {file.Path} is in this store, by article id and chunk index");
        return new SequencesInStore(found, anyContext,
            [.. new[]
                {
                    DirectionFigure.Ahead(ahead), DirectionFigure.Across(across), DirectionFigure.Decline(decline), DirectionFigure.Balance(balance),
                }.Where(figure => figure.Windows > 0)],
            [.. from i in Enumerable.Range(0, curve.Length)
                where curve[0].Count > 0
                select new OffsetPoint(i - StoreDirection.LargestOffset, curve[i].Value, curve[i].Count)]);
    }

    /// <summary>A sequence and the rows of its target's article; offset 0 is the row that follows the context.</summary>
    private sealed class Surroundings(SequenceFile file, ArticleStore store, int targetOffset)
    {
        private readonly Dictionary<(long Article, long Chunk), int> _rows = store.RowsByPlace();
        private readonly (int Article, int Place)[] _places = PlacesOf(store);
        private readonly float[] _context = new float[SequenceSet.ContextLength * file.Dimension];
        private readonly float[] _vector = new float[file.Dimension];
        private readonly float[] _row = new float[file.Dimension];
        private long _article;
        private long _next;

        /// <summary>Takes up a sequence; false when the store has another vector at its target's place, or none.</summary>
        public bool Load(int sequence)
        {
            file.CopyContext(sequence, _context);
            file.CopyTarget(sequence, _vector);
            _article = file.ArticleOf(sequence);
            _next = file.TargetIndexOf(sequence)!.Value - targetOffset;
            return ToRow(targetOffset, _vector) > SameChunk;
        }

        public double? ToLast(int offset) => ToRow(offset, Slot(SequenceSet.ContextLength - 1));

        public double? ToFirst(int offset) => ToRow(offset, Slot(0));

        public double LastToBefore() => TensorPrimitives.CosineSimilarity(Slot(SequenceSet.ContextLength - 1), Slot(SequenceSet.ContextLength - 2));

        /// <summary>Whether the contexts are the five rows before offset 0 in its article, whatever their chunk indices are.</summary>
        public bool ContextsPrecede()
        {
            if (!_rows.TryGetValue((_article, _next), out int next) || _places[next].Place < SequenceSet.ContextLength)
                return false;
            ReadOnlySpan<int> rows = store.RowsOf(_places[next].Article).Slice(_places[next].Place - SequenceSet.ContextLength);
            int slot = 0;
            while (slot < SequenceSet.ContextLength && Cosine(rows[slot], Slot(slot)) > SameChunk)
                slot++;
            return slot == SequenceSet.ContextLength;
        }

        private double? ToRow(int offset, ReadOnlySpan<float> vector) =>
            _rows.TryGetValue((_article, _next + offset), out int row) ? Cosine(row, vector) : null;

        private double Cosine(int row, ReadOnlySpan<float> vector)
        {
            store.CopyRow(row, _row);
            return TensorPrimitives.CosineSimilarity(vector, _row);
        }

        private static (int Article, int Place)[] PlacesOf(ArticleStore store)
        {
            var places = new (int, int)[store.RowCount];
            for (int article = 0; article < store.ArticleCount; article++)
            {
                ReadOnlySpan<int> rows = store.RowsOf(article);
                for (int place = 0; place < rows.Length; place++)
                    places[rows[place]] = (article, place);
            }
            return places;
        }

        private ReadOnlySpan<float> Slot(int slot) => _context.AsSpan(slot * file.Dimension, file.Dimension);
    }
}
