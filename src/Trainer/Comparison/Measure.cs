using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>A number that every epoch of a run has.</summary>
/// <param name="Key">Its name in JSON and CSV.</param>
/// <param name="Title">Its name in tables.</param>
/// <param name="Definition">What it is, in one line.</param>
/// <param name="Style">How it is printed.</param>
/// <param name="InText">Whether the tables show it; JSON and CSV hold all.</param>
/// <param name="Of">Takes it from the epoch of a run; NaN where the folder does not have it.</param>
internal sealed record Measure(
    string Key, string Title, string Definition, NumberStyle Style, bool InText, Func<RunRecord, RecordedEpoch, double> Of);

/// <summary>The table of measures.</summary>
internal static class Measures
{
    /// <summary>Chance of the mini-5CAT's R@5: the target is any but the last of six.</summary>
    public const double MiniRecallChance = 5.0 / 6;

    /// <summary>Every measure, in the order of the tables.</summary>
    public static IReadOnlyList<Measure> All { get; } =
    [
        Shown("val_cosine", "val cosine", "mean cos(prediction, target) over the validation batches, dropout off", NumberStyle.Cosine, "val_cosine"),
        Filed(
            "val_loss", "val loss", "MSE of the normalised prediction over the validation batches; the best epoch is its lowest, but in p6-nce",
            NumberStyle.Loss, "val_loss"),
        Shown(
            "mini_margin_ctx4", "mini margin vs ctx4",
            "mini-5CAT: mean cos(prediction, target) - mean cos(prediction, ctx4), first 10 val batches", NumberStyle.Difference, "mini5cat_margin"),
        .. Enumerable.Range(0, 5).Reverse().Select(slot => Shown(
            $"val_margin_ctx{slot}", $"val margin vs ctx{slot}",
            $"mean cos(prediction, target) - mean cos(prediction, ctx{slot}), whole validation split", NumberStyle.Difference,
            $"val_margins[{slot}]")),
        Shown(
            "train_margin_negative", "train margin vs neg",
            "mean pos - neg over the steps, dropout on, neg of the run's negative: what the loss pushes up", NumberStyle.Difference, "mean_gap"),
        Shown(
            "mini_r_at_5", "mini R@5",
            "mini-5CAT: target not the farthest of six (ctx0 .. ctx4, itself); chance .833, 1 in a collapse",
            NumberStyle.Ratio, "mini5cat_r_at_5"),
        Shown(
            "val_in_article_mrr", "val MRR in article",
            "mean 1/rank of the target among the chunks of its article that are no context, by cosine", NumberStyle.Ratio,
            "val_in_article_mrr"),
        Filed(
            "val_in_article_r_at_1", "val R@1 in article", "share of targets with rank 1 in that list", NumberStyle.Ratio, "val_in_article_r_at_1"),
        Filed(
            "val_in_article_r_at_5", "val R@5 in article", "share of targets with rank 5 or better in it", NumberStyle.Ratio, "val_in_article_r_at_5"),
        Shown("mean_pos", "pos", "mean cos(raw, target) over the epoch's steps, dropout on", NumberStyle.Cosine, "mean_pos"),
        Shown("mean_neg", "neg", "mean cos(raw, negative) over the epoch's steps, dropout on", NumberStyle.Cosine, "mean_neg"),
        Filed("min_pos", "lowest pos", "lowest batch mean of pos in the epoch", NumberStyle.Cosine, "min_pos"),
        Shown(
            "mean_lambda", "lambda, mean", "mean over the steps of the weight of the directional loss, after cap and gate",
            NumberStyle.Scientific, "mean_lambda_eff"),
        Shown(
            "mean_rho", "rho, mean", "mean of rho = lambda L_dir / mse before the cap: a ratio of loss values, not of gradients",
            NumberStyle.Ratio, "mean_rho"),
        Shown("max_rho", "rho, largest", "largest rho of a step of the epoch, before the cap", NumberStyle.Ratio, "max_rho"),
        Filed("mean_gradient_ratio", "G, mean", "mean of G over the epoch's steps", NumberStyle.Ratio, "mean_gradient_ratio"),
        Shown(
            "max_gradient_ratio", "G, largest", "largest G = |grad lambda L_dir| / |grad mse| of a step, both on raw; 1 is the alarm",
            NumberStyle.Ratio, "max_gradient_ratio"),
        Filed("mean_pressure", "s, mean", "mean of s over the epoch's steps", NumberStyle.Ratio, "mean_pressure"),
        Shown(
            "max_pressure", "s, largest", "largest s of a step: push of the directional loss on the gap / restoring force of mse",
            NumberStyle.Ratio, "max_pressure"),
        Shown(
            "max_pressure_limit", "S, largest", "largest S of a step, the limit of s: gamma frac (1 - c^2) / (2c) + D kappa neg / c, c = pos",
            NumberStyle.Ratio, "max_pressure_limit"),
        Shown("skips", "skipped steps", "steps whose directional term a skip rule left out", NumberStyle.Count, "skip_count"),
        new(
            "skip_share", "skipped, share", "skipped steps / steps of the epoch", NumberStyle.Percent, true,
            static (_, epoch) => epoch["skip_count"] / epoch["steps"]),
        Shown("rescales", "rescaled steps", "steps whose lambda the cap of rho scaled down", NumberStyle.Count, "rescale_count"),
        Shown(
            "gradient_caps", "G-capped steps", "steps whose lambda the cap of G (--gradient-cap) scaled down", NumberStyle.Count,
            "gradient_cap_count"),
        Shown("negative_cosines", "negative cosines", "steps with mean pos or mean neg below 0", NumberStyle.Count, "negative_cosine_count"),
        new(
            "seconds", "seconds, estimated", "median time of the logged steps x number of steps; validation not included", NumberStyle.Seconds, true,
            RunTime.Of),
        Filed("steps", "steps", "steps of the epoch", NumberStyle.Count, "steps"),
        Filed("learning_rate", "learning rate", "after the scheduler's step at the end of the epoch", NumberStyle.Scientific, "lr"),
        Filed("train_loss", "train loss", "mean loss over the epoch's steps", NumberStyle.Loss, "train_loss"),
        new(
            "forecast_collapses", "forecast: collapses", "1 where forecast.json has the epoch's stage collapse, 0 where it has it come to rest",
            NumberStyle.Count, false, static (run, epoch) => run.Forecast?.StageFor(epoch.Epoch) is { } stage ? (stage.Collapses ? 1 : 0) : double.NaN),
        new(
            "forecast_cosine", "forecast: cosine", "val cosine at which forecast.json has the epoch's stage come to rest; none where it collapses",
            NumberStyle.Cosine, false, static (run, epoch) => run.Forecast?.StageFor(epoch.Epoch)?.Cosine ?? double.NaN),
        new(
            "forecast_margin_negative", "forecast: margin vs neg", "val margin against the run's negative there", NumberStyle.Difference, false,
            static (run, epoch) => run.Forecast?.StageFor(epoch.Epoch)?.Margin ?? double.NaN),
        new(
            "subtraction_cosine", "cosine of ridge - a*neg",
            "cosine that subtracting neg from the ridge has at the epoch's val margin; none off its curve",
            NumberStyle.Cosine, false, StageOutcome.SubtractionCosine),
        Filed(
            "train_cosine", "train cosine", "mean cos(raw, target) over the epoch's steps, dropout on, the original's epsilon",
            NumberStyle.Cosine, "train_cosine"),
        Filed("train_mse", "train mse", "mean MSE of the raw output over the epoch's steps", NumberStyle.Loss, "train_loss_mse"),
    ];

    private static Measure Shown(string key, string title, string definition, NumberStyle style, string source) =>
        new(key, title, definition, style, true, (_, epoch) => epoch[source]);

    private static Measure Filed(string key, string title, string definition, NumberStyle style, string source) =>
        new(key, title, definition, style, false, (_, epoch) => epoch[source]);
}
