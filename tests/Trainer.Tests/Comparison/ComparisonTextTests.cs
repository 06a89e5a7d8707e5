using P6bNative.Trainer.Comparison;
using P6bNative.Trainer.Tests.Console;

namespace P6bNative.Trainer.Tests.Comparison;

public sealed class ComparisonTextTests
{
    [Fact]
    public void Text_of_a_made_up_set()
    {
        using var folder = new TestFolder();
        TestConsole run = TestConsole.Run(["compare", .. MadeUpRuns.Write(folder)]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(
            """

             run                       mode          negative  best epoch  state
            ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
             v1                        p6b-v1        ctx3      2           3 of 3 epochs, step 300
             v2, again                 p6b-v2        ctx3      1           1 of 3 epochs, step 141
             old                       p6            ctx3      1           2 of 3 epochs, step 0, STOPPED at step 207 (epoch 3,
                                                                           batch 6): loss is NaN

            Settings that differ (below 'mode' its constants; a list is a value per stage or rule)

             setting                    v1  v2, again    old
            ─────────────────────────────────────────────────
             mode                   p6b-v1     p6b-v2     p6
             gamma                       8          4      -
             lambda_min             0.0001     0.0001      -
             lambda_max               0.05       0.05      -
             stages.first_epoch        1 3        1 3      -
             stages.fraction       0.1 0.2    0.1 0.2      -
             stages.rho_cap        inf inf    inf inf      -
             skip_rules.pos_below        -          0      -
             skip_rules.neg_below        -        inf      -
             lr                          -          -  0.001

            At the best epoch (lowest val loss; best.safetensors)

             measure                  v1  v2, again    old
            ───────────────────────────────────────────────
             epoch                     2          1      1
             val cosine            .4758      .4601  .4622
             mini margin vs ctx4  -.0375     -.0411      -
             val margin vs ctx4   -.0385     -.0421      -
             val margin vs ctx3   -.0370     -.0470      -
             val margin vs ctx2   +.0100     +.0100      -
             val margin vs ctx1   +.0300     +.0300      -
             val margin vs ctx0   +.0500     +.0500      -
             train margin vs neg  -.0270     -.0370      -
             mini R@5               .750       .741      -
             pos                   .5090      .4510      -
             neg                   .5360      .4880      -
             lambda, mean         1.5e-3     1.4e-3      -
             rho, mean              .100       .100      -
             rho, largest           .110       .110      -
             G, largest             .700       .300      -
             S, largest             .770       .330      -
             skipped steps             0         12      -
             skipped, share         0.0%      12.0%      -
             rescaled steps            0          0      -
             negative cosines          0         12      -
             seconds, estimated      2.1        2.1      -

            At the last epoch (last.safetensors)

             measure                  v1  v2, again    old
            ───────────────────────────────────────────────
             epoch                     3          1      2
             val cosine           -.0494      .4601  .4811
             mini margin vs ctx4  +.0025     -.0411      -
             val margin vs ctx4   +.0015     -.0421      -
             val margin vs ctx3   +.3965     -.0470      -
             val margin vs ctx2   +.0100     +.0100      -
             val margin vs ctx1   +.0300     +.0300      -
             val margin vs ctx0   +.0500     +.0500      -
             train margin vs neg  +.4065     -.0370      -
             mini R@5              1.000       .741      -
             pos                  -.0435      .4510      -
             neg                  -.4500      .4880      -
             lambda, mean         4.0e-2     1.4e-3      -
             rho, mean              .200       .100      -
             rho, largest           .210       .110      -
             G, largest            3.700       .300      -
             S, largest            4.070       .330      -
             skipped steps             0         12      -
             skipped, share         0.0%      12.0%      -
             rescaled steps            0          0      -
             negative cosines         90         12      -
             seconds, estimated      2.1        2.1      -

            Over all finished epochs

             total                 v1  v2, again  old
            ──────────────────────────────────────────
             steps                300        100    -
             skipped steps          0         12    -
             rescaled steps         0          0    -
             negative cosines      93         12    -
             seconds, estimated   6.3        2.1    -
             skipped, share      0.0%      12.0%    -

            evaluation.json of the run folder, whose 'definitions' say what each is (95 % interval over articles)

             figure                                     v1  v2, again  old
            ───────────────────────────────────────────────────────────────
             weights                      best.safetensors          -    -
             VAL A:margin(+1)                       -.0430          -    -
             VAL B:R@1                               .0198          -    -
             VAL B:R@5                               .1180          -    -
             VAL B:MRR                                   -          -    -
             VAL B0:R@5(no ctx)          .3750 [.361,.389]          -    -
             VAL B0:R@5(no ctx), chance              .2700          -    -

            Per epoch

             epoch                     1       2       3
            ─────────────────────────────────────────────
             val cosine
               v1                  .4599   .4758  -.0494
               v2, again           .4601       -       -
               old                 .4622   .4811       -
             mini margin vs ctx4
               v1                 -.0421  -.0375  +.0025
               v2, again          -.0411       -       -
               old                     -       -       -
             val margin vs ctx4
               v1                 -.0431  -.0385  +.0015
               v2, again          -.0421       -       -
               old                     -       -       -
             val margin vs ctx3
               v1                 -.0500  -.0370  +.3965
               v2, again          -.0470       -       -
               old                     -       -       -
             val margin vs ctx2
               v1                 +.0100  +.0100  +.0100
               v2, again          +.0100       -       -
               old                     -       -       -
             val margin vs ctx1
               v1                 +.0300  +.0300  +.0300
               v2, again          +.0300       -       -
               old                     -       -       -
             val margin vs ctx0
               v1                 +.0500  +.0500  +.0500
               v2, again          +.0500       -       -
               old                     -       -       -
             train margin vs neg
               v1                 -.0400  -.0270  +.4065
               v2, again          -.0370       -       -
               old                     -       -       -
             mini R@5
               v1                   .744    .750   1.000
               v2, again            .741       -       -
               old                     -       -       -
             pos
               v1                  .4500   .5090  -.0435
               v2, again           .4510       -       -
               old                     -       -       -
             neg
               v1                  .4900   .5360  -.4500
               v2, again           .4880       -       -
               old                     -       -       -
             lambda, mean
               v1                 1.5e-3  1.5e-3  4.0e-2
               v2, again          1.4e-3       -       -
               old                     -       -       -
             rho, mean
               v1                   .100    .100    .200
               v2, again            .100       -       -
               old                     -       -       -
             rho, largest
               v1                   .110    .110    .210
               v2, again            .110       -       -
               old                     -       -       -
             G, largest
               v1                   .600    .700   3.700
               v2, again            .300       -       -
               old                     -       -       -
             S, largest
               v1                   .660    .770   4.070
               v2, again            .330       -       -
               old                     -       -       -
             skipped steps
               v1                      0       0       0
               v2, again              12       -       -
               old                     -       -       -
             skipped, share
               v1                   0.0%    0.0%    0.0%
               v2, again           12.0%       -       -
               old                     -       -       -
             negative cosines
               v1                      3       0      90
               v2, again              12       -       -
               old                     -       -       -
             seconds, estimated
               v1                    2.1     2.1     2.1
               v2, again             2.1       -       -
               old                     -       -       -

            val cosine: mean cos(prediction, target) over the validation batches, dropout off
            mini margin vs ctx4: mini-5CAT: mean cos(prediction, target) - mean cos(prediction, ctx4), first 10 val batches
            val margin vs ctx4: mean cos(prediction, target) - mean cos(prediction, ctx4), whole validation split
            val margin vs ctx3: mean cos(prediction, target) - mean cos(prediction, ctx3), whole validation split
            val margin vs ctx2: mean cos(prediction, target) - mean cos(prediction, ctx2), whole validation split
            val margin vs ctx1: mean cos(prediction, target) - mean cos(prediction, ctx1), whole validation split
            val margin vs ctx0: mean cos(prediction, target) - mean cos(prediction, ctx0), whole validation split
            train margin vs neg: mean pos - neg over the steps, dropout on, neg of the run's negative: what the loss pushes up
            mini R@5: mini-5CAT: target not the farthest of six (ctx0 .. ctx4, itself); chance .833, 1 in a collapse
            pos: mean cos(raw, target) over the epoch's steps, dropout on
            neg: mean cos(raw, negative) over the epoch's steps, dropout on
            lambda, mean: mean over the steps of the weight of the directional loss, after cap and gate
            rho, mean: mean of rho = lambda L_dir / mse before the cap: a ratio of loss values, not of gradients
            rho, largest: largest rho of a step of the epoch, before the cap
            G, largest: largest G = |grad lambda L_dir| / |grad mse| of a step, both on raw; 1 is the alarm
            S, largest: largest S of a step, the limit of s: gamma frac (1 - c^2) / (2c) + D kappa neg / c, c = pos
            skipped steps: steps whose directional term a skip rule left out
            skipped, share: skipped steps / steps of the epoch
            rescaled steps: steps whose lambda the cap of rho scaled down
            negative cosines: steps with mean pos or mean neg below 0
            seconds, estimated: median time of the logged steps x number of steps; validation not included
            0 in every epoch of every run: rescaled steps
            Recorded by none of these runs: val MRR in article; s, largest; G-capped steps
            """.ReplaceLineEndings("\n"),
            Trimmed(run.Output));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(7)]
    public void Tables_fit_into_120_columns(int runs)
    {
        using var folder = new TestFolder();
        Dictionary<string, object?>[] epochs = [.. Enumerable.Repeat(
            MadeUpRuns.Epoch(-0.4599, 0.001407, -0.0421, 0.744, -0.45, -0.49, 0.0015, 24.1, 146.25, 24804, 24804), 25)];
        string[] folders = [.. Enumerable.Range(1, runs).Select(i =>
            new MadeUpRun(folder, $"a-run-with-a-long-name-of-seed-{i}", MadeUpRun.Config($"p6b-v{i}", more: $", \"device\": \"opencl:{i}\""))
                .History(epochs).Path)];
        TestConsole compared = TestConsole.Run(["compare", .. folders]);
        Assert.True(compared.ExitCode == 0, compared.Error);
        Assert.All(Trimmed(compared.Output).Split('\n'), line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public void Every_definition_fits_into_a_line_with_its_title() =>
        Assert.All(Measures.All, measure => Assert.True(measure.Title.Length + 2 + measure.Definition.Length <= 120, measure.Key));

    [Fact]
    public void Equal_settings_are_not_listed()
    {
        using var folder = new TestFolder();
        string[] runs = [.. ((string[])["a", "b"]).Select(name => new MadeUpRun(folder, name, MadeUpRun.Config()).Path)];
        Assert.Contains("Settings: the same in all runs.", TestConsole.Run(["compare", .. runs]).Output);
    }

    [Fact]
    public void Runs_of_one_name_are_told_apart_by_their_folders_and_a_run_named_twice_is_refused()
    {
        using var folder = new TestFolder();
        string a = new MadeUpRun(folder, Path.Combine("x", "run"), MadeUpRun.Config()).Path;
        string b = new MadeUpRun(folder, Path.Combine("y", "run"), MadeUpRun.Config()).Path;
        Assert.Equal(["x/run", "y/run"], RunComparison.Of([a, b]).Runs.Select(run => run.Label));
        TestConsole.Run("compare", a, Path.Combine(b, "..", "..", "x", "run")).AssertRefused("named twice");
    }

    [Fact]
    public void Weights_to_start_from_are_told_apart_by_their_folder_and_runs_without_an_epoch_have_no_ends()
    {
        using var folder = new TestFolder();
        string a = new MadeUpRun(folder, "a", MadeUpRun.Config(more: ", \"init\": \"/runs/x/best.safetensors\"")).Path;
        string b = new MadeUpRun(folder, "b", MadeUpRun.Config(more: ", \"init\": \"/runs/y/best.safetensors\"")).Path;
        string text = TestConsole.Run("compare", a, b).Output;
        Assert.Contains("x/best.safetensors  y/best.safetensors", text);
        Assert.Contains(" setting ", text);
        Assert.DoesNotContain("At the last epoch", text);
    }

    internal static string Trimmed(string text) => string.Join('\n', text.TrimEnd().Split('\n').Select(line => line.TrimEnd()));
}
