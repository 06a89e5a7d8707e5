namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>One sentence for every key of a result.</summary>
internal static class MeasureDefinitions
{
    /// <summary>Key and meaning, in the order of the result.</summary>
    /// <param name="horizon">Steps of a rollout.</param>
    public static IEnumerable<(string Key, string Meaning)> Of(int horizon) => [.. Original(horizon), .. Gates(), .. Corrected(horizon), .. Others()];

    private static IEnumerable<(string Key, string Meaning)> Original(int horizon)
    {
        for (int k = -SampleChoice.Reach; k <= SampleChoice.Reach; k++)
            yield return (OriginalMeasures.OffsetKey(k), $"Mean cosine of the prediction to {Row(k)}, over the first samples in file order that have all rows -3 .. +3.");
        yield return (OriginalMeasures.Margin,
            "A:k=+1 minus the largest of the other A:k; k = +1 is the row after the target, so a perfect predictor is negative here.");
        yield return ("A:samples", "Samples of test A.");
        yield return ("B:R@1", "Share of samples whose target has rank 1 among all rows of its article, the five contexts included; rank = 1 + rows with a larger cosine.");
        yield return ("B:R@5", "Share of samples whose target has rank 5 or better in the same ranking; not the R@5 of mini-5CAT.");
        yield return ("B:MRR", "Mean of 1/rank in the same ranking.");
        yield return ("B:samples", "Samples of test B: the first in file order whose article has at least 6 rows.");
        yield return ("C:shuffled", "Mean change of the cosine to the target when the context is shuffled by Python's random.Random(17).");
        yield return ("C:reverse", "Mean change of the cosine when the context is reversed.");
        yield return ("C:loo_avg", "Mean change of the cosine over five contexts, each with one slot dropped and ctx[4] appended; the fifth is the intact context, which dilutes the mean by a fifth.");
        yield return ("C:repeat_pad", "Mean change of the cosine when the context is ctx[4] five times.");
        yield return ("C:cross_article", "Mean change of the cosine when ctx[4] is replaced by ctx[0]; in spite of its name nothing comes from another article.");
        yield return ("C:samples", "Samples of test C: the first of the file.");
        yield return (OriginalMeasures.RolloutKey(horizon),
            $"Mean over h = 1 .. {horizon} of the cosine of the h-th prediction of a rollout to the row h places after the target, one later than the row it predicts.");
        yield return ("D:samples", $"Samples of test D: the first in file order that have the rows +1 .. +{horizon}.");
        yield return ("E:low_mean", "Mean cosine to the target where the mean of the four cosines between neighbours in the context is below 0.45, over the samples of test C.");
        yield return ("E:normal_mean", "The same where it lies in 0.45 .. 0.55; samples above count in neither.");
        yield return ("E:low_n", "Samples in the low bin.");
        yield return ("E:normal_n", "Samples in the normal bin.");
    }

    private static IEnumerable<(string Key, string Meaning)> Gates() =>
    [
        ("offset_sweep", "A:k=+1 >= 0.50 (OOD 0.48) and A:margin(+1) >= 0.12 (OOD 0.10); no predictor that is right can pass."),
        ("retrieval_rank", "B:R@1 >= 0.60 (OOD 0.55), B:R@5 >= 0.95 (0.92) and B:MRR >= 0.80 (0.75)."),
        ("ablations", "C:shuffled <= -0.15, C:reverse <= -0.10, C:loo_avg <= -0.08, C:repeat_pad <= 0.05 and C:cross_article <= 0.05, on both splits."),
        ("rollout", "D:avg_cos >= 0.45 (OOD 0.42)."),
        ("bins_delta", "The difference of E:normal_mean between VAL and OOD is at most 0.05."),
    ];

    private static IEnumerable<(string Key, string Meaning)> Corrected(int horizon)
    {
        yield return ("A0:cosine", "Mean cosine of the prediction to the target.");
        yield return ("A0:margin(ctx4)", "Mean of cosine to the target minus cosine to ctx[4], the last context.");
        for (int k = -SampleChoice.Reach; k <= SampleChoice.Reach; k++)
            yield return (CorrectedMeasures.OffsetKey(k), $"Mean cosine of the prediction to {Row(k)}, over the samples that have all rows -3 .. +3.");
        yield return ("A0:margin(max)", "A0:k=0 minus the largest of the other A0:k: positive where the prediction is nearer to its target than to any neighbour.");
        yield return ("B0:R@1", "Share of samples whose target has rank 1 among all rows of its article, contexts included; rank = 1 + other rows with a strictly larger cosine.");
        yield return ("B0:R@5", "Share of samples with rank 5 or better in the same ranking.");
        yield return ("B0:MRR", "Mean of 1/rank in the same ranking.");
        yield return ("B0:R@1(no ctx)", "B0:R@1 with the rows left out that equal a context vector (cosine at least 0.99999).");
        yield return ("B0:R@5(no ctx)", "B0:R@5 with those rows left out.");
        yield return ("B0:MRR(no ctx)", "B0:MRR with those rows left out.");
        yield return ("C0:shuffled", "C:shuffled on the samples of the corrected measures.");
        yield return ("C0:reverse", "C:reverse on these samples.");
        yield return ("C0:leave_one_out", "Mean change of the cosine over the four contexts with slot 0, 1, 2 or 3 dropped and ctx[4] appended; the identity is left out.");
        yield return ("C0:repeat_last", "C:repeat_pad on these samples.");
        yield return ("C0:first_for_last", "C:cross_article on these samples, under a name that says what it does.");
        yield return ("C0:cross_article", "Mean change of the cosine to the target when all five contexts are those of a random sample from another article.");
        yield return (CorrectedMeasures.RolloutKey(horizon), $"Mean over h = 1 .. {horizon} of the cosine of the h-th prediction of a rollout to the row h-1 places after the target, the row it predicts, over the samples that have all these rows.");
        for (int h = 1; h <= horizon; h++) yield return (CorrectedMeasures.StepKey(h), $"The cosine of step {h} alone.");
        yield return ("E0:low", "E:low_mean on these samples.");
        yield return ("E0:normal", "E:normal_mean on these samples.");
    }

    private static IEnumerable<(string Key, string Meaning)> Others() =>
    [
        ("corrected", "Measures over samples drawn at random from the whole split with the seed of settings; value is the mean over those samples that have the rows it needs."),
        ("low, high", $"95 % interval of value over articles: {ArticleBootstrap.DefaultResamples} draws of the articles with replacement, an article with all its samples; null with one article."),
        ("chance", "What a random order of the same rows scores on average."),
        ("samples", "Samples behind a corrected measure, and in all."),
        ("articles", "Articles that they lie in."),
        ("mini5cat", "The original's per-epoch check on the first 320 windows: margin = mean cosine to the target minus to ctx[4]; "
            + "R@5 = target not the worst of [ctx0 .. ctx4, target], ties against it; chance 5/6."),
        ("copy_last", "Baseline: the prediction is ctx[4]."),
        ("context_mean", "Baseline: the prediction is the mean of the five contexts."),
        ("ridge", $"Baseline: linear regression of the target on the five contexts side by side, no intercept, penalty {RidgeRegression.BaselineLambda}, fitted on the training windows."),
        ("oracle", "Baseline: the prediction is the target itself (in a rollout the row of each step): the best that a measure can show."),
        ("p6", "Baseline: the second model (--p6), trained by plain MSE; like the corrections below it has only A0 and B0."),
        .. new[] { FiveCatEvaluation.Ridge, FiveCatEvaluation.P6 }.Select(of => (
            PostHoc.NameOf(of, PostHocKind.MinusLast),
            $"Baseline: the raw prediction of {of} minus alpha times ctx[4], then normalised, "
                + "with the alpha at which its A0:margin(ctx4) on these samples is the model's.")),
        .. new[] { FiveCatEvaluation.Ridge, FiveCatEvaluation.P6, FiveCatEvaluation.Model }.Select(of => (
            PostHoc.NameOf(of, PostHocKind.PlusLastMinusFirst), $"Baseline: the raw prediction of {of} plus beta times (ctx[4] - ctx[0]), then normalised.")),
        ("of", "Whose raw prediction is corrected."),
        ("alpha", $"Found by bisection in {MarginCurve.LowestAlpha} .. {MarginCurve.HighestAlpha}, on each split; null where no alpha there has the model's margin."),
        ("lowest_margin, highest_margin", "Margins at the ends of that range, where alpha is null."),
        ("beta", "Fixed."),
        ("use", "The retrieval of every source in one place, beside its cosine and margin: a margin is of use where the target is found better."),
        ("minus_copy_last, minus_ridge", $"{CorrectedMeasures.Use} of the source minus that of the baseline, paired by sample, with its interval over articles."),
        ("model_minus", "The model's value minus this baseline's, paired by sample, with its interval over articles."),
    ];

    private static string Row(int k) => k switch
    {
        0 => "the target (k = 0)",
        1 => "the row after the target",
        -1 => "the row before the target",
        > 0 => $"the row {k} places after the target",
        _ => $"the row {-k} places before the target",
    };
}
