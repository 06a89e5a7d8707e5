using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

/// <summary>The run folders behind the golden text: a collapse, a run in progress whose last record is half written, and an old folder.</summary>
internal static class MadeUpRuns
{
    private const string Constants = """
        , "mode_constants": { "name": "NAME", "gamma": GAMMA, "lambda_min": 0.0001, "lambda_max": 0.05, "skip_rules": [RULES],
          "stages": [ { "first_epoch": 1, "fraction": 0.1, "rho_cap": "Infinity" }, { "first_epoch": 3, "fraction": 0.2, "rho_cap": "Infinity" } ] }
        """;

    private const string Rule = """{ "pos_below": 0, "neg_below": "Infinity", "reason": "mean pos < 0" }""";

    public static string[] Write(TestFolder folder) => [Collapsed(folder).Path, InProgress(folder).Path, Old(folder).Path];

    public static MadeUpRun Collapsed(TestFolder folder) =>
        new MadeUpRun(folder, "v1", MadeUpRun.Config("p6b-v1", more: Mode("p6b-v1", 8, "")))
            .History(
                Epoch(0.4599, 0.001407, -0.0421, 0.744, 0.45, 0.49, 0.0015, 0.1, 0.6, 0, 3),
                Epoch(0.4758, 0.001365, -0.0375, 0.75, 0.509, 0.536, 0.00149, 0.1, 0.7, 0, 0),
                Epoch(-0.0494, 0.002733, 0.0025, 1, -0.0435, -0.45, 0.04, 0.2, 3.7, 0, 90))
            .Metrics(Enumerable.Range(0, 30).Select(i => i < 24
                ? Step(i * 10 + 1, i / 10 + 1, 0.5, 0.536, 0.0015, false)
                : Step(i * 10 + 1, i / 10 + 1, -0.06, -0.519, 0.05, false)))
            .With("evaluation.json", """
                { "model": { "path": "anywhere/best.safetensors" },
                  "VAL": { "A:k=0": 0.4755, "A:margin(+1)": -0.043, "B:R@1": 0.0198, "B:R@5": 0.118, "B:MRR": null },
                  "OOD": null, "gates": {},
                  "corrected": { "VAL": {
                    "B0:R@5(no ctx)": { "value": 0.375, "low": 0.361, "high": 0.389, "samples": 4011, "chance": 0.27 }, "samples": 4011 } } }
                """);

    public static MadeUpRun InProgress(TestFolder folder)
    {
        MadeUpRun run = new MadeUpRun(folder, "v2, again", MadeUpRun.Config("p6b-v2", more: Mode("p6b-v2", 4, Rule)))
            .History(Epoch(0.4601, 0.001406, -0.0411, 0.741, 0.451, 0.488, 0.0014, 0.1, 0.3, 12, 12))
            .Metrics(Enumerable.Range(0, 15).Select(i => Step(i * 10 + 1, i / 10 + 1, i == 3 ? -0.01 : 0.4, 0.42, 0.0014, i == 3)));
        File.AppendAllText(run["metrics.jsonl"], "{\"step\":151,\"epoch\":2,\"po");
        return run;
    }

    public static MadeUpRun Old(TestFolder folder) => new MadeUpRun(folder, "old", MadeUpRun.Config("p6", more: ", \"lr\": 0.001"))
        .With("history.json", """{"history":[{"epoch":1,"val_loss":0.0014,"val_cosine":0.4622},{"epoch":2,"val_loss":null,"val_cosine":0.4811}]}""")
        .With("training.log", "Epoch 3/3\nSTOPPED at step 207 (epoch 3, batch 6): loss is NaN\n");

    public static Dictionary<string, object?> Epoch(
        double cosine, double loss, double miniMargin, double miniRecall, double pos, double neg, double lambda, double rho, double ratio,
        int skips, int negative) => new()
        {
            ["val_cosine"] = cosine,
            ["val_loss"] = loss,
            ["mini5cat_margin"] = miniMargin,
            ["mini5cat_r_at_5"] = miniRecall,
            ["mean_pos"] = pos,
            ["mean_neg"] = neg,
            ["mean_gap"] = pos - neg,
            ["mean_lambda_eff"] = lambda,
            ["mean_rho"] = rho,
            ["max_rho"] = rho + 0.01,
            ["min_pos"] = pos - 0.02,
            ["max_gradient_ratio"] = ratio,
            ["max_pressure_limit"] = ratio * 1.1,
            ["val_margins"] = new double[] { 0.05, 0.03, 0.01, pos - neg - 0.01, miniMargin - 0.001 },
            ["skip_count"] = skips,
            ["rescale_count"] = 0,
            ["negative_cosine_count"] = negative,
            ["steps"] = 100,
        };

    public static (long Step, int Epoch, Dictionary<string, object?> Values) Step(
        long step, int epoch, double pos, double neg, double lambda, bool skip) =>
        (step, epoch, new Dictionary<string, object?>
        {
            ["pos"] = pos,
            ["neg"] = neg,
            ["gap"] = pos - neg,
            ["lambda_eff"] = lambda,
            ["rho"] = 0.1,
            ["rho_capped"] = 0.1,
            ["skip"] = skip,
            ["gradient_ratio"] = pos < 0 ? 3.7 : 0.6,
            ["ms"] = 20 + step % 3,
        });

    private static string Mode(string name, int gamma, string rules) =>
        Constants.Replace("NAME", name).Replace("GAMMA", $"{gamma}").Replace("RULES", rules);
}
