using System.Text.Json;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Tests.Telemetry;

public class HistoryTests
{
    private static readonly EpochTotals Totals = new()
    {
        Steps = 2,
        Skips = 1,
        Rescales = 1,
        NegativeCosines = 2,
        Loss = 0.002,
        Mse = 0.0018,
        Cosine = 1,
        LambdaEff = 1e-3,
        Rho = 0.2,
        Pos = 1.01,
        Neg = 1.07,
        Gap = -0.06,
        Ratio = -0.058,
        MaxRho = 0.15,
        MinPos = 0.5,
        GradientCaps = 1,
        GradientRatio = 0.5,
        MaxGradientRatio = 0.375,
        Pressure = 0.25,
        MaxPressure = 0.1875,
        MaxPressureLimit = 0.75,
    };

    [Fact]
    public void Text_of_the_file()
    {
        using var folder = new TemporaryFolder();
        var history = new History { FinalParams = 17_867_520, TrainedAt = new DateTimeOffset(2025, 11, 2, 18, 26, 15, TimeSpan.Zero) };
        history.With(Epoch(1, 0.0014)).Save(folder["history.json"]);
        Assert.Equal(
            """
            {
              "model_type": "transformer",
              "model_name": "Transformer Decoder",
              "history": [
                {
                  "epoch": 1,
                  "train_loss": 0.001,
                  "train_cosine": 0.5,
                  "train_loss_mse": 0.0009,
                  "train_loss_info": 0,
                  "val_loss": 0.0014,
                  "val_cosine": 0.46,
                  "lr": 0.0005,
                  "mini5cat_margin": -0.047,
                  "mini5cat_r_at_5": 0.75,
                  "mean_lambda_eff": 0.0005,
                  "mean_rho": 0.1,
                  "mean_pos": 0.505,
                  "mean_neg": 0.535,
                  "mean_gap": -0.03,
                  "mean_ratio": -0.029,
                  "skip_count": 1,
                  "rescale_count": 1,
                  "negative_cosine_count": 2,
                  "max_rho": 0.15,
                  "min_pos": 0.5,
                  "mean_gradient_ratio": 0.25,
                  "max_gradient_ratio": 0.375,
                  "gradient_cap_count": 1,
                  "mean_pressure": 0.125,
                  "max_pressure": 0.1875,
                  "max_pressure_limit": 0.75,
                  "val_margins": [
                    -0.3,
                    -0.1
                  ],
                  "val_in_article_mrr": null,
                  "val_in_article_r_at_1": null,
                  "val_in_article_r_at_5": null,
                  "steps": 2
                }
              ],
              "best_val_loss": 0.0014,
              "final_params": 17867520,
              "trained_at": "2025-11-02T18:26:15+00:00"
            }
            """.ReplaceLineEndings("\n"),
            File.ReadAllText(folder["history.json"]));
        Assert.Equal(["history.json"], folder.Names);
    }

    [Fact]
    public void What_json_cannot_hold_is_null()
    {
        using var folder = new TemporaryFolder();
        new History().With(Epoch(1, double.NaN)).Save(folder["h"]);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(folder["h"]));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("history")[0].GetProperty("val_loss").ValueKind);
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("best_val_loss").ValueKind);
    }

    [Fact]
    public void Epochs_from_before_a_resume_give_way()
    {
        History history = new History().With(Epoch(1, 0.5)).With(Epoch(2, 0.1)).With(Epoch(3, 0.2)).With(Epoch(2, 0.4));
        Assert.Equal([1, 2], history.Epochs.Select(epoch => epoch.Epoch));
        Assert.Equal(0.4, history.BestValidationLoss);
    }

    private static EpochRecord Epoch(int epoch, double validationLoss) =>
        EpochRecord.From(epoch, Totals, new EvaluationResult(validationLoss, 0.46, [-0.3, -0.1], new Mini5CatResult(-0.047, 0.75, 320), RetrievalResult.None, RetrievalResult.None), 5e-4);
}
