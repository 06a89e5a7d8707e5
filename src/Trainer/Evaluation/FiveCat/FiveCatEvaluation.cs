namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What is judged on a split.</summary>
/// <param name="Model">The model.</param>
/// <param name="Ridge">The fitted linear baseline; null leaves it out.</param>
/// <param name="P6">A second model, trained by plain MSE; null leaves it out.</param>
internal sealed record Judged(IPredictionSource Model, IPredictionSource? Ridge, IPredictionSource? P6);

/// <summary>Runs the 5CAT on a split: the model and the baselines on the same samples.</summary>
internal static class FiveCatEvaluation
{
    /// <summary>Names of the model and of the baselines that are not corrections of others.</summary>
    public const string Model = "model", CopyLast = "copy_last", ContextMean = "context_mean", Ridge = "ridge", P6 = "p6", Oracle = "oracle";

    /// <summary>Evaluates.</summary>
    /// <param name="split">The split.</param>
    /// <param name="judged">What is judged.</param>
    /// <param name="settings">Sample limit, horizon, seed.</param>
    /// <param name="threads">Threads of the host's part; 0 = one per core.</param>
    /// <param name="progress">Called with samples done and samples in all.</param>
    /// <exception cref="InputException">The split has no sample for a test, or a prediction is not finite.</exception>
    public static SplitResult Run(FiveCatSplit split, Judged judged, FiveCatSettings settings, int threads, Action<int, int> progress)
    {
        var choice = new SampleChoice(split, settings.MaxSamples, settings.Horizon, settings.Seed);
        var scoring = new SplitScoring(split, choice, settings.Horizon, threads);
        List<JudgedSource> sources = [new(Model, judged.Model), new(CopyLast, new CopyLastPredictions()), new(ContextMean, new ContextMeanPredictions())];
        if (judged.Ridge is not null) sources.Add(new JudgedSource(Ridge, judged.Ridge));
        if (judged.P6 is not null) sources.Add(new JudgedSource(P6, judged.P6, IntactOnly: true));
        sources.Add(new JudgedSource(Oracle, new OraclePredictions()));
        SampleScores[] scores = scoring.Run(sources, done => progress(done, choice.All.Length));

        long[] articles = [.. choice.Corrected.Select(sample => split.Store.ArticleId(split.ArticleOf(sample)))];
        var bootstrap = new ArticleBootstrap(articles, (ulong)settings.Seed);
        List<SourceResult> results = [.. sources.Zip(scores, (source, score) => source.IntactOnly
            ? new SourceResult(source.Name, null, null, new CorrectedMeasures(choice, scoring, score.Intact, bootstrap))
            : new SourceResult(
                source.Name, null, new OriginalMeasures(choice, scoring, score, settings.Horizon), new CorrectedMeasures(choice, scoring, score, bootstrap)))];

        Dictionary<string, SampleScores> scoresOf = sources.Zip(scores).ToDictionary(pair => pair.First.Name, pair => pair.Second);
        double margin = results[0].Corrected[CorrectedMeasures.MarginToLast].Value;
        MarginMatch[] matches = [.. Given(Ridge, P6).Select(of => Match(of, CurveOf(choice, scoring, scoresOf[of].Intact), margin))];
        PostHoc[] corrections =
        [
            .. matches.Where(match => match.IsReached).Select(match => new PostHoc(match.Of, PostHocKind.MinusLast, match.Alpha)),
            .. Given(Ridge, P6, Model).Select(of => new PostHoc(of, PostHocKind.PlusLastMinusFirst, PostHoc.Beta)),
        ];
        IntactScores[] corrected = scoring.Correct([.. corrections.Select(correction => (correction, scoresOf[correction.Of].Raw))]);
        results.AddRange(corrections.Zip(corrected, (correction, score) =>
            new SourceResult(correction.Name, correction, null, new CorrectedMeasures(choice, scoring, score, bootstrap))));
        return new SplitResult(split, choice, bootstrap, results[0], results[1..], matches);

        IEnumerable<string> Given(params string[] names) => names.Where(scoresOf.ContainsKey);
    }

    private static MarginCurve CurveOf(SampleChoice choice, SplitScoring scoring, IntactScores scores)
    {
        return new MarginCurve(Chosen(scores.Norm), Chosen(scores.Target), Chosen(scores.Last), Chosen(scoring.TargetToLast));

        double[] Chosen(double[] column) => [.. choice.CorrectedInAll.Select(i => column[i])];
    }

    private static MarginMatch Match(string of, MarginCurve curve, double margin) =>
        new(of, curve.AlphaAt(margin), curve.At(MarginCurve.LowestAlpha), curve.At(MarginCurve.HighestAlpha));
}

/// <summary>What decides the samples.</summary>
/// <param name="MaxSamples">Most samples for one test.</param>
/// <param name="Horizon">Steps of a rollout.</param>
/// <param name="Seed">Seed of the random choice and of the intervals.</param>
internal sealed record FiveCatSettings(int MaxSamples, int Horizon, long Seed);
