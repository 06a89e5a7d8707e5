namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What one model or baseline scored on a split.</summary>
/// <param name="Name">model, copy_last, context_mean, ridge or oracle.</param>
/// <param name="Original">By the original's definitions.</param>
/// <param name="Corrected">By the corrected ones.</param>
internal sealed record SourceResult(string Name, OriginalMeasures Original, CorrectedMeasures Corrected);

/// <summary>What a split showed.</summary>
/// <param name="Split">The split.</param>
/// <param name="Choice">Its samples.</param>
/// <param name="Bootstrap">Intervals over the articles of the corrected samples.</param>
/// <param name="Model">The model.</param>
/// <param name="Baselines">The baselines.</param>
internal sealed record SplitResult(
    FiveCatSplit Split, SampleChoice Choice, ArticleBootstrap Bootstrap, SourceResult Model, IReadOnlyList<SourceResult> Baselines)
{
    /// <summary>A baseline, or null where it was not fitted.</summary>
    public SourceResult? Baseline(string name) => Baselines.SingleOrDefault(baseline => baseline.Name == name);

    /// <summary>Interval of the model's measure minus a baseline's, paired by sample; null where the measure is not a mean over samples.</summary>
    public Interval? ModelMinus(SourceResult baseline, string key)
    {
        double[]? model = Model.Corrected[key].PerSample, other = baseline.Corrected[key].PerSample;
        return model is null || other is null ? null : Bootstrap.Difference(model, other);
    }
}

/// <summary>Runs the 5CAT on a split: the model and the baselines on the same samples.</summary>
internal static class FiveCatEvaluation
{
    /// <summary>Names of the baselines, in the order they are shown.</summary>
    public const string CopyLast = "copy_last", ContextMean = "context_mean", Ridge = "ridge", Oracle = "oracle";

    /// <summary>Evaluates.</summary>
    /// <param name="split">The split.</param>
    /// <param name="model">The model.</param>
    /// <param name="ridge">The fitted linear baseline; null leaves it out.</param>
    /// <param name="settings">Sample limit, horizon, seed.</param>
    /// <param name="threads">Threads of the host's part; 0 = one per core.</param>
    /// <param name="progress">Called with samples done and samples in all.</param>
    /// <exception cref="InputException">The split has no sample for a test, or a prediction is not finite.</exception>
    public static SplitResult Run(
        FiveCatSplit split, IPredictionSource model, IPredictionSource? ridge, FiveCatSettings settings, int threads, Action<int, int> progress)
    {
        var choice = new SampleChoice(split, settings.MaxSamples, settings.Horizon, settings.Seed);
        var scoring = new SplitScoring(split, choice, settings.Horizon, threads);
        List<(string Name, IPredictionSource Source)> sources = [("model", model), (CopyLast, new CopyLastPredictions()), (ContextMean, new ContextMeanPredictions())];
        if (ridge is not null) sources.Add((Ridge, ridge));
        sources.Add((Oracle, new OraclePredictions()));
        SampleScores[] scores = scoring.Run([.. sources.Select(s => s.Source)], done => progress(done, choice.All.Length));

        long[] articles = [.. choice.Corrected.Select(sample => split.Store.ArticleId(split.ArticleOf(sample)))];
        var bootstrap = new ArticleBootstrap(articles, (ulong)settings.Seed);
        SourceResult[] results = [.. sources.Zip(scores, (source, score) => new SourceResult(
            source.Name,
            new OriginalMeasures(choice, scoring, score, settings.Horizon),
            new CorrectedMeasures(choice, scoring, score, bootstrap)))];
        return new SplitResult(split, choice, bootstrap, results[0], results[1..]);
    }
}

/// <summary>What decides the samples.</summary>
/// <param name="MaxSamples">Most samples for one test.</param>
/// <param name="Horizon">Steps of a rollout.</param>
/// <param name="Seed">Seed of the random choice and of the intervals.</param>
internal sealed record FiveCatSettings(int MaxSamples, int Horizon, long Seed);
