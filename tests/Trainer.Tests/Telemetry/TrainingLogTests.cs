using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Guardrails;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Tests.Telemetry;

public class TrainingLogTests
{
    private static readonly StepReport Healthy = new()
    {
        Loss = 0.00103412,
        Mse = 0.00094,
        Dir = 0.2055,
        LambdaEff = 0.000457421,
        Rho = 0.1,
        RhoCapped = 0.1,
        Pos = 0.505,
        Neg = 0.537,
        Gap = -0.032,
        Ratio = -0.0302,
        Fraction = 0.09999,
        MarginGap = 0.02,
        Cosine = 0.50512,
    };

    private static readonly StepReport Sick = Healthy with
    {
        SkipReason = "mean pos < 0",
        Fraction = 0,
        Pos = -0.0424,
        Neg = -0.5131,
        Cosine = -0.0424,
    };

    [Fact]
    public void Lines_of_v21()
    {
        Assert.Equal(
            [
                "[P6b v2.1] λ_eff=0.00046 pos=0.505 neg=0.537 gap=-0.032 ratio=-0.030 ρ=0.100 frac=0.10 margin_gap=0.020 skip=0",
                "  Batch 200/12300 | Loss: 0.001034 | MSE: 0.000940 | Cosine: 0.5051",
            ],
            Lines(LossModes.P6bV21, 200, log => log.Step(200, 12300, Healthy)));
    }

    [Fact]
    public void Lines_of_a_skipped_step()
    {
        Assert.Equal(
            [
                "[P6b v2.1 SKIP] Bad signs (pos=-0.042, neg=-0.513), skipping directional loss",
                "[P6b v2.1] λ_eff=0.00046 pos=-0.042 neg=-0.513 gap=-0.032 ratio=-0.030 ρ=0.100 frac=0.00 margin_gap=0.020 skip=1",
                "  Batch 0/12300 | Loss: 0.001034 | MSE: 0.000940 | Cosine: -0.0424",
            ],
            Lines(LossModes.P6bV21, 200, log => log.Step(0, 12300, Sick)));
    }

    [Fact]
    public void P6_has_batch_lines_only()
    {
        Assert.Equal(
            ["  Batch 200/12300 | Loss: 0.001034 | MSE: 0.000940 | Cosine: 0.5051"],
            Lines(LossModes.P6, 200, log => log.Step(200, 12300, Healthy)));
    }

    [Theory]
    [InlineData(200, 0, 2)]
    [InlineData(200, 1, 0)]
    [InlineData(200, 100, 1)]
    [InlineData(200, 199, 0)]
    [InlineData(50, 150, 1)]
    [InlineData(1, 7, 1)]
    public void Lines_come_when_they_are_due(int logEvery, int batchIndex, int lines) =>
        Assert.Equal(lines, Lines(LossModes.P6bV21, logEvery, log => log.Step(batchIndex, 300, Healthy)).Length);

    [Fact]
    public void Lines_of_an_epoch()
    {
        var totals = new EpochTotals { Steps = 4, Loss = 0.0041, Mse = 0.0038, Cosine = 1.9 };
        var validation = new EvaluationResult(
            0.0013333, 0.488, [], new Mini5CatResult(-0.057, 0.725, 320), RetrievalResult.None, RetrievalResult.None);
        Assert.Equal(
            [
                "Epoch 3/12",
                "  Train Loss: 0.001025 | Train Cosine: 0.4750 | MSE: 0.000950",
                "  Val Loss: 0.001333 | Val Cosine: 0.4880",
                "  [Mini-5CAT] Margin: -0.0570 | R@5: 0.725",
                "  ✓ Saved best model (val_loss: 0.001333)",
            ],
            Lines(LossModes.P6bV21, 200, log =>
            {
                log.EpochStart(3, 12);
                log.EpochEnd(totals, validation);
                log.SavedBest(validation);
            }));
    }

    [Fact]
    public void An_article_store_adds_the_ranks_and_a_mode_that_chooses_by_them_says_so()
    {
        var totals = new EpochTotals { Steps = 4, Loss = 0.0041, Mse = 0.0038, Cosine = 1.9 };
        var validation = new EvaluationResult(
            0.0013333, 0.488, [], new Mini5CatResult(-0.057, 0.725, 320), new(0.2466, 0.1, 0.41), new(0.261, 0.101, 0.435));
        Assert.Equal(
            [
                "  [In article, without contexts] MRR: 0.247 | R@1: 0.100 | R@5: 0.410 (copy of ctx4: 0.261 0.101 0.435)",
                "  ✓ Saved best model (in-article MRR: 0.2466)",
            ],
            Lines(LossModes.P6Nce, 200, log =>
            {
                log.EpochEnd(totals, validation);
                log.SavedBest(validation);
            })[^2..]);
        Assert.Equal(
            "[P6 NCE] λ_eff=0.00017 pos=0.500 neg=0.600 gap=-0.100 nce=2.500 G=1.000",
            Lines(LossModes.P6Nce, 200, log => log.Step(0, 10, new StepReport { LambdaEff = 0.00017, Pos = 0.5, Neg = 0.6, Gap = -0.1, Dir = 2.5, GradientRatio = 1 }))[0]);
    }

    [Fact]
    public void A_resumed_run_appends_and_a_new_one_replaces()
    {
        using var folder = new TemporaryFolder();
        foreach ((string line, bool append) in new[] { ("first", false), ("second", false), ("third", true) })
        {
            using var log = new TrainingLog(folder["log"], LossModes.P6, 200, append);
            log.Line(line);
        }

        Assert.Equal("second\nthird\n", File.ReadAllText(folder["log"]));
    }

    [Fact]
    public void Every_line_is_echoed()
    {
        using var folder = new TemporaryFolder();
        var echoed = new List<string>();
        using (var log = new TrainingLog(folder["log"], LossModes.P6bV21, 200, append: false, echoed.Add))
            log.Step(0, 10, Sick);
        Assert.Equal(File.ReadAllLines(folder["log"]), echoed);
    }

    [Fact]
    public void A_step_without_a_line_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        using var log = new TrainingLog(folder["log"], LossModes.P6bV21, 200, append: false);
        log.Step(1, 300, Healthy);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < 100; i++)
            log.Step(i, 300, Healthy);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string[] Lines(LossMode mode, int logEvery, Action<TrainingLog> write)
    {
        using var folder = new TemporaryFolder();
        using (var log = new TrainingLog(folder["log"], mode, logEvery, append: false))
            write(log);
        return File.ReadAllLines(folder["log"]);
    }
}
