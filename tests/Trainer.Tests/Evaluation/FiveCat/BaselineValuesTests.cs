using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation.FiveCat;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Evaluation.FiveCat;

/// <summary>
/// On a stream whose cosines are known at every lag the figures of simple predictors are known, too: on Wikipedia's lags a perfect
/// predictor scores −.54 in the original's margin, copying the last vector −.63, and a blur 0 (p6b-facts 10.26).
/// </summary>
public sealed class BaselineValuesTests : IDisposable
{
    private const double Tolerance = 1e-6;

    private readonly TestFolder _folder = new();
    private readonly SplitResult _result;

    public BaselineValuesTests()
    {
        _result = Run(new Blur(), null, null);
    }

    private SplitResult Run(IPredictionSource model, IPredictionSource? ridge, IPredictionSource? p6)
    {
        using ArticleStore store = ToeplitzStore.Write(_folder["store.npz"], articles: 3);
        var split = new FiveCatSplit("VAL", store, Enumerable.Range(0, store.Count).ToArray(), store);
        return FiveCatEvaluation.Run(split, new Judged(model, ridge, p6), new FiveCatSettings(1000, 5, 1), threads: 1, (_, _) => { });
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_perfect_predictor_fails_the_original_margin_by_far()
    {
        SourceResult oracle = _result.Baseline(FiveCatEvaluation.Oracle)!;
        AssertOffsets(oracle, ToeplitzStore.Cosine);
        Assert.Equal(0.457 - 1, oracle.Original!.Values["A:margin(+1)"], Tolerance);
        Assert.Equal(0.457, oracle.Original!.Values["D:avg_cos@H=5"], Tolerance);
        Assert.Equal(1, oracle.Original!.Values["B:MRR"]);

        Assert.Equal(1 - 0.457, Corrected(oracle, "A0:margin(max)"), Tolerance);
        Assert.Equal(1 - 0.387, Corrected(oracle, "A0:margin(ctx4)"), Tolerance);
        Assert.Equal(1, Corrected(oracle, "D0:avg_cos@H=5"), Tolerance);
        Assert.Equal(1, Corrected(oracle, "B0:R@1"));
        Assert.Equal(1, Corrected(oracle, "B0:R@1(no ctx)"));
        foreach (string ablation in new[] { "C0:shuffled", "C0:reverse", "C0:leave_one_out" }) Assert.Equal(0, Corrected(oracle, ablation), Tolerance);
    }

    [Fact]
    public void Copying_the_last_context_is_nearest_to_itself()
    {
        SourceResult copy = _result.Baseline(FiveCatEvaluation.CopyLast)!;
        AssertOffsets(copy, k => ToeplitzStore.Cosine(k + 2));
        Assert.Equal(0.366 - 1, copy.Original!.Values["A:margin(+1)"], Tolerance);
        Assert.Equal(0.387 - 1, Corrected(copy, "A0:margin(max)"), Tolerance);
        Assert.Equal(0.387 - 1, Corrected(copy, "A0:margin(ctx4)"), Tolerance);
        // ctx[4] itself and its two neighbours are nearer to it than the target, two places after it.
        Assert.Equal(0, Corrected(copy, "B0:R@1"));
        Assert.Equal(ToeplitzStore.Cosine(6) - ToeplitzStore.Cosine(2), copy.Original!.Values["C:cross_article"], Tolerance);
        Assert.Equal(0, copy.Original!.Values["C:repeat_pad"], Tolerance);
        Assert.Equal(Enumerable.Range(2, 5).Average(ToeplitzStore.Cosine), Corrected(copy, "D0:avg_cos@H=5"), Tolerance);
    }

    [Fact]
    public void The_mean_of_the_context_follows_from_the_lags()
    {
        SourceResult mean = _result.Baseline(FiveCatEvaluation.ContextMean)!;
        int[] slots = [-6, -5, -4, -3, -2];
        double norm = Math.Sqrt(slots.Sum(a => slots.Sum(b => ToeplitzStore.Cosine(a - b))));
        AssertOffsets(mean, k => slots.Sum(slot => ToeplitzStore.Cosine(k - slot)) / norm);
        Assert.Equal(0, mean.Original!.Values["C:shuffled"], Tolerance);
        Assert.Equal(0, mean.Original!.Values["C:reverse"], Tolerance);
    }

    [Fact]
    public void A_blur_has_the_largest_original_margin_of_all()
    {
        double cosine = _result.Model.Original!.Values["A:k=0"];
        AssertOffsets(_result.Model, _ => cosine);
        Assert.Equal(0, _result.Model.Original!.Values["A:margin(+1)"], Tolerance);
        Assert.Equal(0, Corrected(_result.Model, "A0:margin(ctx4)"), Tolerance);
        Assert.Equal(0, Corrected(_result.Model, "C0:cross_article"), Tolerance);
    }

    [Fact]
    public void Articles_that_are_alike_leave_no_room_for_an_interval()
    {
        CorrectedMeasure margin = _result.Model.Corrected["A0:margin(ctx4)"];
        Assert.Equal(margin.Value, margin.Interval.Low, Tolerance);
        Assert.Equal(margin.Value, margin.Interval.High, Tolerance);
    }

    /// <summary>No multiple of ctx[4] changes a prediction that is ctx[4], and the blur's margin of 0 is another: nothing is shown in its place.</summary>
    [Fact]
    public void A_margin_that_no_correction_reaches_has_no_baseline()
    {
        SplitResult result = Run(new Blur(), new CopyLastPredictions(), new ContextMeanPredictions());
        MarginMatch ofCopy = result.Matches.Single(match => match.Of == FiveCatEvaluation.Ridge);
        Assert.False(ofCopy.IsReached);
        Assert.Equal(0.387 - 1, ofCopy.LowestMargin, Tolerance);
        Assert.Null(result.Baseline(ofCopy.Name));

        MarginMatch ofMean = result.Matches.Single(match => match.Of == FiveCatEvaluation.P6);
        SourceResult corrected = result.Baseline(ofMean.Name)!;
        Assert.Equal(ofMean.Alpha, corrected.PostHoc!.Coefficient);
        Assert.Equal(0, Corrected(corrected, "A0:margin(ctx4)"), Tolerance);
    }

    [Fact]
    public void Going_on_in_the_direction_of_the_context_follows_from_the_lags()
    {
        SplitResult result = Run(new CopyLastPredictions(), null, null);
        double beta = PostHoc.Beta, c2 = ToeplitzStore.Cosine(2), c4 = ToeplitzStore.Cosine(4), c6 = ToeplitzStore.Cosine(6);
        double norm = Math.Sqrt((1 + beta) * (1 + beta) + beta * beta - 2 * (1 + beta) * beta * c4);
        SourceResult corrected = result.Baseline("model_plus_ctx4_minus_ctx0")!;
        Assert.Equal(((1 + beta) * c2 - beta * c6) / norm, Corrected(corrected, "A0:cosine"), Tolerance);
        Assert.Equal(((1 + beta) * (c2 - 1) - beta * (c6 - c4)) / norm, Corrected(corrected, "A0:margin(ctx4)"), Tolerance);
    }

    private static void AssertOffsets(SourceResult source, Func<int, double> expected)
    {
        for (int k = -SampleChoice.Reach; k <= SampleChoice.Reach; k++)
        {
            Assert.Equal(expected(k), source.Original!.Values[OriginalMeasures.OffsetKey(k)], Tolerance);
            Assert.Equal(expected(k), Corrected(source, CorrectedMeasures.OffsetKey(k)), Tolerance);
        }
    }

    private static double Corrected(SourceResult source, string key) => source.Corrected[key].Value;

    private sealed class Blur : IPredictionSource
    {
        private readonly float[] _vector = [.. ToeplitzStore.Blur().Select(v => (float)v)];

        public void Predict(ReadOnlySpan<float> contexts, ReadOnlySpan<float> truths, int count, Span<float> predictions)
        {
            for (int i = 0; i < count; i++) _vector.CopyTo(predictions[(i * _vector.Length)..]);
        }
    }
}
