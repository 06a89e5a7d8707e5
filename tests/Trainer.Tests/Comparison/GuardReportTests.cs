using System.Text.Json.Nodes;
using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

public sealed class GuardReportTests
{
    [Fact]
    public void A_collapse_is_found_in_epochs_and_in_logged_steps()
    {
        using var folder = new TestFolder();
        JsonObject collapse = Figures(MadeUpRuns.Collapsed(folder), "collapse");
        Assert.Equal("collapsed", (string?)collapse["verdict"]);
        Assert.Equal(3, (int?)collapse["first_epoch"]);

        // Steps 1, 11 .. 291; pos falls from .5 to -.06 at 241, so the mean of five is below .25 with the third of them.
        Assert.Equal(261, (long?)collapse["first_logged_step"]);
        Assert.False((bool?)collapse["recovered"]);
    }

    [Theory]
    [InlineData("no", 0.2, 0.5, 0.26, 0.5)]
    [InlineData("no", 0.2, 0.11, 0.3)]
    [InlineData("unknown", 0.05, 0.19, -0.05)]
    [InlineData("collapsed", 0.2, 0.09, 0.099)]
    [InlineData("collapsed", 0.2, 0.5, 0.24, 0.5)]
    [InlineData("unknown")]
    public void Verdict_of_a_course_of_val_cosines(string verdict, params double[] cosines)
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config())
            .History([.. cosines.Select(c => new Dictionary<string, object?> { ["val_cosine"] = c })]);
        JsonObject collapse = Figures(run, "collapse");
        Assert.Equal(verdict, (string?)collapse["verdict"]);
        Assert.Equal(verdict == "collapsed" ? cosines[^1] >= 0.25 : null, (bool?)collapse["recovered"]);
    }

    [Fact]
    public void Rho_is_told_before_and_after_the_cap_and_rounding_does_not_pass_it()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config())
            .History(new() { ["max_rho"] = 0.25000001, ["steps"] = 10 }, new() { ["max_rho"] = 0.31, ["steps"] = 10 })
            .Metrics([Rho(1, 1, 0.25000001, 0.25), Rho(11, 2, 0.3, 0.25), Rho(12, 2, 0.2, 0.2)]);
        JsonObject rho = Figures(run, "rho");
        Assert.Equal((true, false), ((bool?)rho["passed_before_cap"], (bool?)rho["passed_after_cap"]));
        Assert.Equal((2, 11L), ((int)rho["first_epoch"]!, (long)rho["first_logged_step"]!));
        Assert.Equal((0.31, 0.25), ((double)rho["largest_before_cap"]!, (double)rho["largest_after_cap"]!));
        Assert.Equal(
            "history.json: 2 finished epochs, each of their 20 steps; metrics.jsonl: 3 logged of 20 steps", Answer(run, "rho").RestsOn);

        static (long, int, Dictionary<string, object?>) Rho(long step, int epoch, double rho, double capped) =>
            (step, epoch, new() { ["rho"] = rho, ["rho_capped"] = capped });
    }

    [Fact]
    public void An_epoch_in_progress_counts_with_its_logged_steps()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config())
            .History(new Dictionary<string, object?> { ["max_gradient_ratio"] = 0.5, ["steps"] = 10 })
            .Metrics([(1, 1, new() { ["gradient_ratio"] = 0.4 }), (11, 2, new() { ["gradient_ratio"] = 1.5 })]);
        JsonObject ratio = Figures(run, "gradient_ratio");
        Assert.Equal(1.5, (double?)ratio["largest"]);
        Assert.Equal(11, (long?)ratio["first_logged_step_above_1"]);
        Assert.Null((int?)ratio["first_epoch_above_1"]);
    }

    [Fact]
    public void Skips_are_counted_over_all_steps_and_their_rules_over_the_logged_ones()
    {
        using var folder = new TestFolder();
        JsonObject skips = Figures(MadeUpRuns.InProgress(folder), "skips");
        Assert.Equal((12.0, 0.12), ((double)skips["count"]!, (double)skips["share"]!));
        Assert.Equal((1, 1), ((int)skips["first_epoch"]!, (int)skips["last_epoch"]!));
        Assert.Equal((31L, 31L), ((long)skips["first_logged_step"]!, (long)skips["last_logged_step"]!));
        Assert.Equal(1, (int?)skips["logged_by_rule"]!["mean pos < 0"]);
    }

    [Fact]
    public void A_skip_that_fits_no_rule_of_the_config_is_said_to()
    {
        using var folder = new TestFolder();
        const string rules = """, "mode_constants": { "skip_rules": [{"pos_below": 0, "neg_below": -0.5, "reason": "both"}] }""";
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config(more: rules)).Metrics(
            [MadeUpRuns.Step(1, 1, -0.1, -0.6, 0, true), MadeUpRuns.Step(2, 1, -0.1, -0.4, 0, true), MadeUpRuns.Step(3, 1, -0.1, -0.6, 0, false)]);
        JsonObject byRule = Figures(run, "skips")["logged_by_rule"]!.AsObject();
        Assert.Equal([("both", 1), ("none of the mode's", 1)], byRule.Select(rule => (rule.Key, (int)rule.Value!)));
    }

    [Fact]
    public void A_negative_pos_is_told_by_batch_and_by_epoch()
    {
        using var folder = new TestFolder();
        JsonObject pos = Figures(MadeUpRuns.Collapsed(folder), "pos");
        Assert.Equal(-0.0635, (double)pos["lowest_batch_mean"]!, 1e-12);
        Assert.Equal((6, 30), ((int)pos["logged_batches_below_0"]!, (int)pos["logged_batches"]!));
        Assert.Equal((241L, 291L), ((long)pos["first_logged_step"]!, (long)pos["last_logged_step"]!));
        Assert.Equal("[3]", pos["epochs_with_mean_below_0"]!.ToJsonString());
    }

    [Fact]
    public void Each_margin_has_the_epoch_in_which_it_turned_and_whether_it_stayed()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config()).History(
            new() { ["mini5cat_margin"] = -0.1, ["mean_gap"] = 0.1, ["val_margins"] = new[] { 0.0, 0.1 } },
            new() { ["mini5cat_margin"] = 0.1, ["mean_gap"] = -0.1, ["val_margins"] = new[] { 0.0, 0.1 } },
            new() { ["mini5cat_margin"] = 0.2, ["mean_gap"] = 0.1, ["val_margins"] = new[] { 0.0, 0.1 } });
        JsonObject margins = Figures(run, "margins");
        Assert.Equal((2, true, 0.2), Turn("mini_margin_ctx4"));
        Assert.Equal((1, false, 0.1), Turn("train_margin_negative"));
        Assert.Equal((null, null, 0.0), Turn("val_margin_ctx0"));
        Assert.Equal((1, true, 0.1), Turn("val_margin_ctx1"));
        Assert.Equal((null, null, null), Turn("val_margin_ctx4"));

        (int?, bool?, double?) Turn(string key) =>
            ((int?)margins[key]!["first_positive_epoch"], (bool?)margins[key]!["stayed_positive"], (double?)margins[key]!["last"]);
    }

    [Fact]
    public void Lambda_at_its_clamps_is_a_share_of_the_logged_steps()
    {
        using var folder = new TestFolder();
        JsonObject clamps = Figures(MadeUpRuns.Collapsed(folder), "clamps");
        Assert.Equal((0, 6, 30), ((int)clamps["logged_at_min"]!, (int)clamps["logged_at_max"]!, (int)clamps["logged"]!));
        Assert.Contains("6 of 30 logged steps (20.0%)", Answer(MadeUpRuns.Collapsed(folder), "clamps").Answer);
    }

    [Fact]
    public void Bounds_are_told_apart_before_and_after_something_was_learned()
    {
        using var folder = new TestFolder();
        MadeUpRun run = new MadeUpRun(folder, "r", MadeUpRun.Config()).Metrics(
            Enumerable.Range(1, 12).Select(i =>
                ((long)i, 1, new Dictionary<string, object?> { ["pos"] = 0.1 * i, ["pressure_limit"] = i == 11 ? 2 : 1.0 / i + 0.5 })));
        JsonObject limit = Figures(run, "pressure_limit");

        // The mean of pos over five steps is .3 at step 5, the first that has five.
        Assert.Equal((1L, 5L), ((long)limit["first_logged_step_above_1"]!, (long)limit["learned_at_logged_step"]!));
        Assert.Equal(11L, (long)limit["first_logged_step_above_1_once_learned"]!);
        Assert.Equal((2.0, 2.0), ((double)limit["largest"]!, (double)limit["largest_logged_once_learned"]!));
    }

    [Fact]
    public void A_run_without_numbers_is_answered_with_unknown_and_exit_code_0()
    {
        using var folder = new TestFolder();
        string run = new MadeUpRun(folder, "r", MadeUpRun.Config()).Path;
        TestConsole guards = TestConsole.Run("guards", run);
        Assert.Equal(0, guards.ExitCode);
        Assert.Contains("unknown", guards.Output);
        Assert.Contains("no finished epoch yet", guards.Output);
    }

    [Fact]
    public void Json_holds_every_answer_with_what_it_rests_on()
    {
        using var folder = new TestFolder();
        JsonNode json = JsonNode.Parse(TestConsole.Run("guards", MadeUpRuns.Old(folder).Path, "--json").Output)!;
        Assert.StartsWith("step 207", (string?)json["stop"]!["stopped_by"]);
        Assert.Equal("p6", (string?)json["mode"]);
        foreach (string key in (string[])
            ["collapse", "forecast", "rho", "skips", "pos", "margins", "clamps", "counts", "gradient_ratio", "pressure_limit", "pressure", "stop"])
            Assert.All(["answer", "rests_on", "definition"], part => Assert.NotEmpty((string?)json[key]![part] ?? ""));
    }

    private static GuardAnswer Answer(MadeUpRun run, string key) => GuardReport.Of(RunReader.Read(run.Path)).Single(answer => answer.Key == key);

    private static JsonObject Figures(MadeUpRun run, string key) => Answer(run, key).Figures;
}
