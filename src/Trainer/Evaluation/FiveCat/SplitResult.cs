namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What one model or baseline scored on a split.</summary>
/// <param name="Name">A name of <see cref="FiveCatEvaluation"/> or of a <see cref="FiveCat.PostHoc"/>.</param>
/// <param name="PostHoc">The correction that it is; null where it is none.</param>
/// <param name="Original">By the original's definitions; null where only A0 and B0 were measured.</param>
/// <param name="Corrected">By the corrected ones.</param>
internal sealed record SourceResult(string Name, PostHoc? PostHoc, OriginalMeasures? Original, CorrectedMeasures Corrected);

/// <summary>A paired difference of two means.</summary>
/// <param name="Value">The difference.</param>
/// <param name="Interval">95 % interval over articles.</param>
internal readonly record struct Difference(double Value, Interval Interval);

/// <summary>What a split showed.</summary>
/// <param name="Split">The split.</param>
/// <param name="Choice">Its samples.</param>
/// <param name="Bootstrap">Intervals over the articles of the corrected samples.</param>
/// <param name="Model">The model.</param>
/// <param name="Baselines">The baselines; corrections that do not reach the model's margin are not among them.</param>
/// <param name="Matches">The corrections that were to have the model's margin.</param>
internal sealed record SplitResult(
    FiveCatSplit Split, SampleChoice Choice, ArticleBootstrap Bootstrap, SourceResult Model, IReadOnlyList<SourceResult> Baselines,
    IReadOnlyList<MarginMatch> Matches)
{
    /// <summary>A baseline, or null where there is none of this name.</summary>
    public SourceResult? Baseline(string name) => Baselines.SingleOrDefault(baseline => baseline.Name == name);

    /// <summary>The difference of two sources in a measure, paired by sample; null where the measure is not a mean over samples.</summary>
    public Difference? Minus(SourceResult first, SourceResult second, string key)
    {
        CorrectedMeasure a = first.Corrected[key], b = second.Corrected[key];
        return a.PerSample is null || b.PerSample is null ? null : new Difference(a.Value - b.Value, Bootstrap.Difference(a.PerSample, b.PerSample));
    }
}
