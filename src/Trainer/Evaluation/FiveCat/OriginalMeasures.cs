using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>The numbers of the original tool for one split, under its keys and by its definitions (p6b-facts 5.2); NaN where there is no sample.</summary>
internal sealed class OriginalMeasures
{
    /// <summary>Cosine of a prediction to the row after the target.</summary>
    public const string NextRow = "A:k=+1";

    /// <summary>Margin of test A.</summary>
    public const string Margin = "A:margin(+1)";

    private const double CoherenceOfNormal = 0.45, CoherenceOfHigh = 0.55;

    private readonly OrderedDictionary<string, double> _values = [];

    /// <summary>Takes the means.</summary>
    /// <param name="choice">The samples.</param>
    /// <param name="scoring">What is known of the samples.</param>
    /// <param name="scores">Scores of the model or baseline.</param>
    /// <param name="horizon">Steps of a rollout.</param>
    public OriginalMeasures(SampleChoice choice, SplitScoring scoring, SampleScores scores, int horizon)
    {
        var indexOf = new Dictionary<int, int>();
        for (int index = 0; index < choice.All.Length; index++) indexOf.Add(choice.All[index], index);
        AddOffsets(Indices(choice.Offsets), scores);
        AddRetrieval(Indices(choice.Retrieval), scores);
        AddAblations(Indices(choice.Leading), scores);
        AddRollout(Indices(choice.Rollout), scores, horizon);
        AddBins(Indices(choice.Leading), scoring, scores);
        Mini = MiniOf(choice.Mini.Length, scores);

        int[] Indices(int[] samples) => [.. samples.Select(sample => indexOf[sample])];
    }

    /// <summary>The values, in the original's order.</summary>
    public IReadOnlyDictionary<string, double> Values => _values;

    /// <summary>mini-5CAT of the first ten batches.</summary>
    public Mini5CatResult Mini { get; }

    /// <summary>Key of the cosine to the row k places after the target.</summary>
    public static string OffsetKey(int k) => k == 0 ? "A:k=0" : $"A:k={k:+0;-0}";

    /// <summary>Key of the rollout.</summary>
    public static string RolloutKey(int horizon) => $"D:avg_cos@H={horizon}";

    private void AddOffsets(int[] samples, SampleScores scores)
    {
        double[] means = [.. scores.Intact.Offset.Select(column => Mean(samples, i => column[i]))];
        for (int k = -SampleChoice.Reach; k <= SampleChoice.Reach; k++) Add(OffsetKey(k), means[k + SampleChoice.Reach]);
        Add(Margin, means[SampleChoice.Reach + 1] - means.Where((_, at) => at != SampleChoice.Reach + 1).Max());
        Add("A:samples", samples.Length);
    }

    private void AddRetrieval(int[] samples, SampleScores scores)
    {
        Add("B:R@1", Mean(samples, i => scores.Intact.Rank[i] <= 1 ? 1 : 0));
        Add("B:R@5", Mean(samples, i => scores.Intact.Rank[i] <= 5 ? 1 : 0));
        Add("B:MRR", Mean(samples, i => 1.0 / scores.Intact.Rank[i]));
        Add("B:samples", samples.Length);
    }

    private void AddAblations(int[] samples, SampleScores scores)
    {
        Add("C:shuffled", Mean(samples, i => Change(i, Ablation.Shuffled)));
        Add("C:reverse", Mean(samples, i => Change(i, Ablation.Reverse)));
        // Of the five contexts with one slot left out the last is the intact one: a change of 0.
        Add("C:loo_avg", Mean(samples, i =>
            (Change(i, Ablation.WithoutSlot0) + Change(i, Ablation.WithoutSlot1) + Change(i, Ablation.WithoutSlot2) + Change(i, Ablation.WithoutSlot3)) / 5));
        Add("C:repeat_pad", Mean(samples, i => Change(i, Ablation.RepeatLast)));
        Add("C:cross_article", Mean(samples, i => Change(i, Ablation.FirstForLast)));
        Add("C:samples", samples.Length);

        double Change(int i, Ablation ablation) => scores.Cosine[(int)ablation][i] - scores.Cosine[(int)Ablation.Intact][i];
    }

    private void AddRollout(int[] samples, SampleScores scores, int horizon)
    {
        Add(RolloutKey(horizon), Mean(samples, i => scores.RolloutNext.Average(step => step[i])));
        Add("D:samples", samples.Length);
    }

    private void AddBins(int[] samples, SplitScoring scoring, SampleScores scores)
    {
        int[] low = [.. samples.Where(i => IsLow(scoring.Coherence[i]))];
        int[] normal = [.. samples.Where(i => IsNormal(scoring.Coherence[i]))];
        Add("E:low_mean", Mean(low, i => scores.Cosine[(int)Ablation.Intact][i]));
        Add("E:normal_mean", Mean(normal, i => scores.Cosine[(int)Ablation.Intact][i]));
        Add("E:low_n", low.Length);
        Add("E:normal_n", normal.Length);
    }

    /// <summary>Whether a context belongs to the bin "low".</summary>
    public static bool IsLow(double coherence) => coherence < CoherenceOfNormal;

    /// <summary>Whether a context belongs to the bin "normal".</summary>
    public static bool IsNormal(double coherence) => coherence is >= CoherenceOfNormal and <= CoherenceOfHigh;

    private static Mini5CatResult MiniOf(int samples, SampleScores scores)
    {
        var mini = new Mini5Cat(SequenceSet.ContextLength);
        int columns = LossStatistics.Columns(SequenceSet.ContextLength);
        for (int first = 0; first < samples; first += SampleChoice.MiniBatch)
        {
            int rows = Math.Min(SampleChoice.MiniBatch, samples - first);
            mini.Add(scores.MiniStatistics.AsSpan(first * columns, rows * columns), rows);
        }

        return mini.Result;
    }

    private static double Mean(int[] samples, Func<int, double> value) => samples.Length == 0 ? double.NaN : samples.Average(value);

    private void Add(string key, double value) => _values.Add(key, value);
}
