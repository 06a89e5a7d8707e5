namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>A corrected measure of one model or baseline.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Value">The mean; NaN where there is no sample.</param>
/// <param name="Interval">95 % interval over articles.</param>
/// <param name="Samples">Samples behind the mean.</param>
/// <param name="Chance">What a random ranking scores; NaN where there is no such level.</param>
/// <param name="PerSample">
/// The numbers behind the mean, one for each corrected sample, NaN where the measure does not look at it; null where it is not one mean.
/// </param>
internal sealed record CorrectedMeasure(string Key, double Value, Interval Interval, int Samples, double Chance, double[]? PerSample);

/// <summary>The corrected measures of one model or baseline on one split, all on the samples of <see cref="SampleChoice.Corrected"/>.</summary>
internal sealed class CorrectedMeasures
{
    /// <summary>Key of the mean cosine to the target.</summary>
    public const string Cosine = "A0:cosine";

    /// <summary>Key of the margin to ctx[4].</summary>
    public const string MarginToLast = "A0:margin(ctx4)";

    /// <summary>Key of the mean reciprocal rank in the article without the contexts: the measure of use.</summary>
    public const string Use = "B0:MRR(no ctx)";

    private readonly OrderedDictionary<string, CorrectedMeasure> _measures = [];
    private readonly ArticleBootstrap _bootstrap;
    private readonly int[] _indices;

    /// <summary>Takes the means of everything.</summary>
    /// <param name="choice">The samples.</param>
    /// <param name="scoring">What is known of the samples.</param>
    /// <param name="scores">Scores of the model or baseline.</param>
    /// <param name="bootstrap">Intervals over the articles of the corrected samples.</param>
    public CorrectedMeasures(SampleChoice choice, SplitScoring scoring, SampleScores scores, ArticleBootstrap bootstrap)
        : this(choice, scoring, scores.Intact, bootstrap)
    {
        AddAblations(scores);
        AddRollout(scores);
        Add("E0:low", Samples(i => OriginalMeasures.IsLow(scoring.Coherence[i]) ? scores.Intact.Target[i] : double.NaN));
        Add("E0:normal", Samples(i => OriginalMeasures.IsNormal(scoring.Coherence[i]) ? scores.Intact.Target[i] : double.NaN));
    }

    /// <summary>Takes the means of A0 and B0, which need no more than predictions from unchanged contexts.</summary>
    /// <param name="choice">The samples.</param>
    /// <param name="scoring">What is known of the samples.</param>
    /// <param name="scores">Scores of the predictions.</param>
    /// <param name="bootstrap">Intervals over the articles of the corrected samples.</param>
    public CorrectedMeasures(SampleChoice choice, SplitScoring scoring, IntactScores scores, ArticleBootstrap bootstrap)
    {
        _bootstrap = bootstrap;
        _indices = choice.CorrectedInAll;
        AddOffsets(scores);
        AddRetrieval("B0:", "", scores.Rank, scoring.PoolSizes);
        AddRetrieval("B0:", "(no ctx)", scores.RankWithoutContexts, scoring.PoolSizesWithoutContexts);
    }

    /// <summary>The measures.</summary>
    public IEnumerable<CorrectedMeasure> All => _measures.Values;

    /// <summary>The measure of a name.</summary>
    public CorrectedMeasure this[string key] => _measures[key];

    /// <summary>Key of the cosine to the row k places after the target.</summary>
    public static string OffsetKey(int k) => $"A0:k={(k == 0 ? "0" : $"{k:+0;-0}")}";

    /// <summary>Key of the mean cosine of a rollout.</summary>
    public static string RolloutKey(int horizon) => $"D0:avg_cos@H={horizon}";

    /// <summary>Key of the cosine of one step of a rollout.</summary>
    public static string StepKey(int step) => $"D0:cos@h={step}";

    private void AddOffsets(IntactScores scores)
    {
        Add(Cosine, Samples(i => scores.Target[i]));
        Add(MarginToLast, Samples(i => scores.Target[i] - scores.Last[i]));
        // Means of one curve are over the same samples: those with all offsets.
        double[][] offsets = [.. scores.Offset.Select(column => Samples(i => scores.Offset.Any(other => double.IsNaN(other[i])) ? double.NaN : column[i]))];
        for (int k = -SampleChoice.Reach; k <= SampleChoice.Reach; k++) Add(OffsetKey(k), offsets[k + SampleChoice.Reach]);
        double margin = MarginToMax([.. offsets.Select(Mean)]);
        int samples = offsets[0].Count(value => !double.IsNaN(value));
        Add(new CorrectedMeasure("A0:margin(max)", margin, _bootstrap.Statistic(MarginToMax, offsets), samples, double.NaN, null));
    }

    private static double MarginToMax(double[] means) => means[SampleChoice.Reach] - means.Where((_, at) => at != SampleChoice.Reach).Max();

    private void AddRetrieval(string prefix, string suffix, int[] rank, int[] pool)
    {
        Add($"{prefix}R@1{suffix}", Samples(i => rank[i] <= 1 ? 1 : 0), Samples(i => 1.0 / pool[i]).Average());
        Add($"{prefix}R@5{suffix}", Samples(i => rank[i] <= 5 ? 1 : 0), Samples(i => Math.Min(5.0 / pool[i], 1)).Average());
        Add($"{prefix}MRR{suffix}", Samples(i => 1.0 / rank[i]), Samples(i => MeanReciprocal(pool[i])).Average());
    }

    // The mean of 1/rank when every rank from 1 to n is as likely as any other.
    private static double MeanReciprocal(int n)
    {
        double sum = 0;
        for (int rank = 1; rank <= n; rank++) sum += 1.0 / rank;
        return sum / n;
    }

    private void AddAblations(SampleScores scores)
    {
        Add("C0:shuffled", Changes(Ablation.Shuffled));
        Add("C0:reverse", Changes(Ablation.Reverse));
        Add("C0:leave_one_out", Changes(Ablation.WithoutSlot0, Ablation.WithoutSlot1, Ablation.WithoutSlot2, Ablation.WithoutSlot3));
        Add("C0:repeat_last", Changes(Ablation.RepeatLast));
        Add("C0:first_for_last", Changes(Ablation.FirstForLast));
        var cross = new double[_indices.Length];
        for (int at = 0; at < cross.Length; at++) cross[at] = scores.CrossArticle[at] - scores.Intact.Target[_indices[at]];
        Add("C0:cross_article", cross);

        double[] Changes(params Ablation[] ablations) => Samples(i => ablations.Average(ablation => scores.Cosine[(int)ablation][i]) - scores.Intact.Target[i]);
    }

    private void AddRollout(SampleScores scores)
    {
        Add(RolloutKey(scores.RolloutAligned.Length), Samples(i => scores.RolloutAligned.Average(step => step[i])));
        for (int h = 1; h <= scores.RolloutAligned.Length; h++)
        {
            double[] step = scores.RolloutAligned[h - 1];
            Add(StepKey(h), Samples(i => step[i]));
        }
    }

    private double[] Samples(Func<int, double> value) => [.. _indices.Select(value)];

    private static double Mean(double[] values) => values.Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN).Average();

    private void Add(string key, double[] perSample, double chance = double.NaN) => Add(new CorrectedMeasure(
        key, Mean(perSample), _bootstrap.Mean(perSample), perSample.Count(value => !double.IsNaN(value)), chance, perSample));

    private void Add(CorrectedMeasure measure) => _measures.Add(measure.Key, measure);
}
