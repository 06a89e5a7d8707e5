namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// The five gates of the original with its thresholds. True: both splits pass. False: one fails. Null: the splits that were
/// judged pass, but OOD data, or for the bins a second split to compare with, were not given.
/// </summary>
internal sealed class Gates
{
    private const double Slack = 1e-6;
    private const double LargestBinDifference = 0.05;

    /// <summary>Judges.</summary>
    /// <param name="val">The original's measures of VAL.</param>
    /// <param name="ood">Those of OOD; null: not measured.</param>
    /// <param name="horizon">Steps of a rollout.</param>
    public Gates(IReadOnlyDictionary<string, double> val, IReadOnlyDictionary<string, double>? ood, int horizon)
    {
        All =
        [
            new Gate("offset_sweep", Both(PassesOffsets(val, 0.50, 0.12), ood is null ? null : PassesOffsets(ood, 0.48, 0.10))),
            new Gate("retrieval_rank", Both(PassesRetrieval(val, 0.60, 0.95, 0.80), ood is null ? null : PassesRetrieval(ood, 0.55, 0.92, 0.75))),
            new Gate("ablations", Both(PassesAblations(val), ood is null ? null : PassesAblations(ood))),
            new Gate("rollout", Both(PassesRollout(val, 0.45), ood is null ? null : PassesRollout(ood, 0.42))),
            new Gate("bins_delta", ood is null ? null : Math.Abs(val["E:normal_mean"] - ood["E:normal_mean"]) <= LargestBinDifference),
        ];

        bool PassesRollout(IReadOnlyDictionary<string, double> m, double smallest) => m[OriginalMeasures.RolloutKey(horizon)] >= smallest;
    }

    /// <summary>The gates.</summary>
    public IReadOnlyList<Gate> All { get; }

    /// <summary>Whether a gate failed.</summary>
    public bool AnyFailed => All.Any(gate => gate.Passed == false);

    // Comparisons with NaN are false, so a test without samples fails, as in the original.
    private static bool PassesOffsets(IReadOnlyDictionary<string, double> m, double cosine, double margin) =>
        m[OriginalMeasures.NextRow] >= cosine && m[OriginalMeasures.Margin] >= margin;

    private static bool PassesRetrieval(IReadOnlyDictionary<string, double> m, double first, double five, double reciprocal) =>
        m["B:R@1"] >= first && m["B:R@5"] >= five && m["B:MRR"] >= reciprocal;

    private static bool PassesAblations(IReadOnlyDictionary<string, double> m) =>
        m["C:shuffled"] <= -0.15 + Slack && m["C:reverse"] <= -0.10 + Slack && m["C:loo_avg"] <= -0.08 + Slack
        && m["C:repeat_pad"] <= 0.05 && m["C:cross_article"] <= 0.05;

    private static bool? Both(bool val, bool? ood) => val ? ood : false;
}

/// <summary>A gate.</summary>
/// <param name="Name">The original's name.</param>
/// <param name="Passed">See <see cref="Gates"/>.</param>
internal sealed record Gate(string Name, bool? Passed);
