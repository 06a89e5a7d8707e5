using System.Collections.Immutable;
using System.Text.Json.Serialization;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;

namespace P6bNative.Trainer.Telemetry;

/// <summary>An epoch in history.json: the original's keys, then what it measured and lost.</summary>
internal sealed record EpochRecord
{
    /// <summary>Counted from 1.</summary>
    [JsonPropertyName("epoch")]
    public required int Epoch { get; init; }

    /// <summary>Mean loss over the steps.</summary>
    [JsonPropertyName("train_loss")]
    public double TrainLoss { get; init; }

    /// <summary>Mean cosine of output and target over the steps, dropout on.</summary>
    [JsonPropertyName("train_cosine")]
    public double TrainCosine { get; init; }

    /// <summary>Mean MSE of the raw output over the steps.</summary>
    [JsonPropertyName("train_loss_mse")]
    public double TrainLossMse { get; init; }

    /// <summary>The original's InfoNCE term, which every P6 and P6b mode weighs with 0: always 0.</summary>
    [JsonPropertyName("train_loss_info")]
    public double TrainLossInfo { get; init; }

    /// <summary>MSE of the normalised output.</summary>
    [JsonPropertyName("val_loss")]
    public double ValidationLoss { get; init; }

    /// <summary>Mean cosine.</summary>
    [JsonPropertyName("val_cosine")]
    public double ValidationCosine { get; init; }

    /// <summary>Learning rate after the scheduler's step.</summary>
    [JsonPropertyName("lr")]
    public double LearningRate { get; init; }

    /// <summary><see cref="Mini5CatResult.Margin"/>.</summary>
    [JsonPropertyName("mini5cat_margin")]
    public double Mini5CatMargin { get; init; }

    /// <summary><see cref="Mini5CatResult.RecallAt5"/>; chance is 0.833.</summary>
    [JsonPropertyName("mini5cat_r_at_5")]
    public double Mini5CatRecallAt5 { get; init; }

    /// <summary>Mean λ after the cap.</summary>
    [JsonPropertyName("mean_lambda_eff")]
    public double MeanLambdaEff { get; init; }

    /// <summary>Mean ρ before the cap.</summary>
    [JsonPropertyName("mean_rho")]
    public double MeanRho { get; init; }

    /// <summary>Mean cosine with the target.</summary>
    [JsonPropertyName("mean_pos")]
    public double MeanPos { get; init; }

    /// <summary>Mean cosine with the negative.</summary>
    [JsonPropertyName("mean_neg")]
    public double MeanNeg { get; init; }

    /// <summary>Mean gap.</summary>
    [JsonPropertyName("mean_gap")]
    public double MeanGap { get; init; }

    /// <summary>Mean ratio.</summary>
    [JsonPropertyName("mean_ratio")]
    public double MeanRatio { get; init; }

    /// <summary>Steps whose directional term was skipped.</summary>
    [JsonPropertyName("skip_count")]
    public long SkipCount { get; init; }

    /// <summary>Steps whose λ the ρ cap scaled down.</summary>
    [JsonPropertyName("rescale_count")]
    public long RescaleCount { get; init; }

    /// <summary>Steps with mean pos or mean neg below 0.</summary>
    [JsonPropertyName("negative_cosine_count")]
    public long NegativeCosineCount { get; init; }

    /// <summary>Largest ρ before the cap.</summary>
    [JsonPropertyName("max_rho")]
    public double MaxRho { get; init; }

    /// <summary>Smallest batch mean of the cosine with the target.</summary>
    [JsonPropertyName("min_pos")]
    public double MinPos { get; init; }

    /// <summary>Mean G = ‖∇λL_dir‖/‖∇mse‖.</summary>
    [JsonPropertyName("mean_gradient_ratio")]
    public double MeanGradientRatio { get; init; }

    /// <summary>Largest G.</summary>
    [JsonPropertyName("max_gradient_ratio")]
    public double MaxGradientRatio { get; init; }

    /// <summary>Steps whose λ the gradient cap scaled down.</summary>
    [JsonPropertyName("gradient_cap_count")]
    public long GradientCapCount { get; init; }

    /// <summary>Mean s, see <see cref="Loss.GuardPressure"/>.</summary>
    [JsonPropertyName("mean_pressure")]
    public double MeanPressure { get; init; }

    /// <summary>Largest s.</summary>
    [JsonPropertyName("max_pressure")]
    public double MaxPressure { get; init; }

    /// <summary>Largest S.</summary>
    [JsonPropertyName("max_pressure_limit")]
    public double MaxPressureLimit { get; init; }

    /// <summary>Mean over all validation windows of p·target − p·ctx[i], one entry a context slot, oldest first.</summary>
    [JsonPropertyName("val_margins")]
    public ImmutableArray<double> ValidationMargins { get; init; } = [];

    /// <summary><see cref="RetrievalResult.ReciprocalRank"/> on the validation windows; NaN where their file has no articles.</summary>
    [JsonPropertyName("val_in_article_mrr")]
    public double InArticleReciprocalRank { get; init; } = double.NaN;

    /// <summary><see cref="RetrievalResult.RecallAt1"/>.</summary>
    [JsonPropertyName("val_in_article_r_at_1")]
    public double InArticleRecallAt1 { get; init; } = double.NaN;

    /// <summary><see cref="RetrievalResult.RecallAt5"/>.</summary>
    [JsonPropertyName("val_in_article_r_at_5")]
    public double InArticleRecallAt5 { get; init; } = double.NaN;

    /// <summary>Steps.</summary>
    [JsonPropertyName("steps")]
    public long Steps { get; init; }

    /// <summary>The record of a finished epoch.</summary>
    public static EpochRecord From(
        int epoch, in EpochTotals train, in EvaluationResult validation, double learningRate) => new()
        {
            Epoch = epoch,
            TrainLoss = train.Mean(train.Loss),
            TrainCosine = train.Mean(train.Cosine),
            TrainLossMse = train.Mean(train.Mse),
            ValidationLoss = validation.Loss,
            ValidationCosine = validation.Cosine,
            ValidationMargins = validation.Margins,
            InArticleReciprocalRank = validation.InArticle.ReciprocalRank,
            InArticleRecallAt1 = validation.InArticle.RecallAt1,
            InArticleRecallAt5 = validation.InArticle.RecallAt5,
            LearningRate = learningRate,
            Mini5CatMargin = validation.Mini5Cat.Margin,
            Mini5CatRecallAt5 = validation.Mini5Cat.RecallAt5,
            MeanLambdaEff = train.Mean(train.LambdaEff),
            MeanRho = train.Mean(train.Rho),
            MeanPos = train.Mean(train.Pos),
            MeanNeg = train.Mean(train.Neg),
            MeanGap = train.Mean(train.Gap),
            MeanRatio = train.Mean(train.Ratio),
            SkipCount = train.Skips,
            RescaleCount = train.Rescales,
            NegativeCosineCount = train.NegativeCosines,
            MaxRho = train.MaxRho,
            MinPos = train.MinPos,
            MeanGradientRatio = train.Mean(train.GradientRatio),
            MaxGradientRatio = train.MaxGradientRatio,
            GradientCapCount = train.GradientCaps,
            MeanPressure = train.Mean(train.Pressure),
            MaxPressure = train.MaxPressure,
            MaxPressureLimit = train.MaxPressureLimit,
            Steps = train.Steps,
        };
}
