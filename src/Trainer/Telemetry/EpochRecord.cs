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

    /// <summary>Steps.</summary>
    [JsonPropertyName("steps")]
    public long Steps { get; init; }

    /// <summary>The record of a finished epoch.</summary>
    public static EpochRecord From(
        int epoch, in EpochTotals train, double validationLoss, double validationCosine, double learningRate, in Mini5CatResult mini) => new()
        {
            Epoch = epoch,
            TrainLoss = train.Mean(train.Loss),
            TrainCosine = train.Mean(train.Cosine),
            TrainLossMse = train.Mean(train.Mse),
            ValidationLoss = validationLoss,
            ValidationCosine = validationCosine,
            LearningRate = learningRate,
            Mini5CatMargin = mini.Margin,
            Mini5CatRecallAt5 = mini.RecallAt5,
            MeanLambdaEff = train.Mean(train.LambdaEff),
            MeanRho = train.Mean(train.Rho),
            MeanPos = train.Mean(train.Pos),
            MeanNeg = train.Mean(train.Neg),
            MeanGap = train.Mean(train.Gap),
            MeanRatio = train.Mean(train.Ratio),
            SkipCount = train.Skips,
            RescaleCount = train.Rescales,
            NegativeCosineCount = train.NegativeCosines,
            Steps = train.Steps,
        };
}
