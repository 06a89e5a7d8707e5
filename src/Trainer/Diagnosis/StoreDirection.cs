using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>What the cosines between near rows of the articles say: lags, the four figures called Δ, and the curve around the target.</summary>
/// <param name="Lags">Mean cosine at lags 1..5, all pairs.</param>
/// <param name="Figures">The four figures; the first two over all P6 windows, the others over all base windows.</param>
/// <param name="Curve">k = -3..3; empty when no article is long enough.</param>
internal sealed record StoreDirection(IReadOnlyList<MeanCosine> Lags, IReadOnlyList<DirectionFigure> Figures, IReadOnlyList<OffsetPoint> Curve)
{
    public const int LargestOffset = 3;

    private const int LastContext = SequenceSet.ContextLength - 1;

    /// <summary>Measures a store.</summary>
    /// <param name="store">The articles.</param>
    /// <param name="targetOffset">Where the target of the curve lies: 0 or 1 rows beyond the row after ctx4.</param>
    public static StoreDirection Of(ArticleStore store, int targetOffset)
    {
        var lags = new RunningMean[LagCosines.LargestLag];
        var curve = new RunningMean[2 * LargestOffset + 1];
        RunningMean ahead = default, across = default, decline = default, balance = default;
        var cosines = new LagCosines(store);
        for (int article = 0; article < store.ArticleCount; article++)
        {
            cosines.Load(article);
            for (int row = 0; row < cosines.Rows; row++)
            {
                for (int lag = 1; lag <= Math.Min(row, lags.Length); lag++)
                    lags[lag - 1].Add(cosines.Between(row, row - lag));
            }
            for (int last = LastContext; last + 1 < cosines.Rows; last++)
            {
                double next = cosines.Between(last, last + 1), before = cosines.Between(last, last - 1);
                decline.Add(next - cosines.Between(last + 1, last - LastContext));
                balance.Add(next - before);
                if (last + 2 >= cosines.Rows)
                    continue;
                double target = cosines.Between(last, last + 2);
                ahead.Add(target - next);
                across.Add(target - before);
            }
            for (int last = LastContext; last + 1 + targetOffset + LargestOffset < cosines.Rows; last++)
            {
                for (int k = -LargestOffset; k <= LargestOffset; k++)
                    curve[k + LargestOffset].Add(cosines.Between(last, last + 1 + targetOffset + k));
            }
        }
        return new StoreDirection(
            [.. from i in Enumerable.Range(0, lags.Length)
                where lags[i].Count > 0
                select new MeanCosine($"lag {i + 1}", lags[i].Value, lags[i].Count)],
            [.. new[]
                {
                    DirectionFigure.Ahead(ahead), DirectionFigure.Across(across), DirectionFigure.Decline(decline), DirectionFigure.Balance(balance),
                }.Where(figure => figure.Windows > 0)],
            [.. from k in Enumerable.Range(-LargestOffset, curve.Length)
                where curve[0].Count > 0
                select new OffsetPoint(k, curve[k + LargestOffset].Value, curve[k + LargestOffset].Count)]);
    }
}
