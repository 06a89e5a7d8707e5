using System.Text.Json;
using System.Text.Json.Nodes;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>The questions that the original's documents ask of a training log, answered from a run folder.</summary>
internal static class GuardReport
{
    /// <summary>The ρ that the original's guard was to keep below.</summary>
    public const double RhoBound = 0.25;

    // λ is solved for ρ = .25 in the last stage, and rounding lands on either side of it.
    private const double RhoTolerance = 1e-6;

    // λ at a clamp is the clamp's own double; only a hand-made file could differ in the last digits.
    private const double ClampTolerance = 1e-9;

    private static readonly string[] Margins =
        ["mini_margin_ctx4", "val_margin_ctx4", "val_margin_ctx3", "val_margin_ctx2", "val_margin_ctx1", "val_margin_ctx0", "train_margin_negative"];

    /// <summary>Every question and its answer.</summary>
    public static IReadOnlyList<GuardAnswer> Of(RunRecord run)
    {
        var sources = new GuardSources(run);
        return
        [
            Collapse(sources), ForecastAnswer.Of(run), Rho(sources), Skips(sources), NegativePos(sources), MarginTurns(sources), Clamps(sources), Counts(sources),
            Bound(
                sources, "gradient_ratio", "G above 1?", "max_gradient_ratio",
                "G = |grad lambda L_dir| / |grad mse| of a step, both on raw: the directional loss outweighs the MSE from 1 on"),
            Bound(
                sources, "pressure_limit", "S above 1?", "max_pressure_limit",
                "S = gamma frac (1 - c^2) / (2c) + D kappa neg / c, c = pos: the limit of the pressure s once the margin is reached"),
            Bound(
                sources, "pressure", "s above 1?", "max_pressure",
                "s = push of the directional loss on the gap / restoring force of the MSE, large while c is near 0"),
            Stop(sources),
        ];
    }

    private static GuardAnswer Collapse(GuardSources sources)
    {
        CollapseVerdict verdict = CollapseVerdict.Of(sources.Run);
        string best = NumberText.Of(verdict.Best, NumberStyle.Cosine);
        string place = verdict.Epoch is { } epoch ? $"epoch {epoch}" : "";
        if (verdict.Step is { } step) place += $"{(place.Length > 0 ? ", " : "")}logged step {step:N0}";
        string answer = verdict switch
        {
            { Collapsed: true } => $"COLLAPSED at {place} (best cosine {best}); "
                + (verdict.Recovered ? "back above half of its best at the end" : "not recovered"),
            { HasLearned: true } => $"no (best cosine {best})",
            _ => $"cannot be told: no cosine has reached .20 (best {best})",
        };
        var figures = new JsonObject
        {
            ["verdict"] = verdict.Collapsed ? "collapsed" : verdict.HasLearned ? "no" : "unknown",
            ["best_cosine"] = Number(verdict.Best),
            ["first_epoch"] = verdict.Epoch,
            ["first_logged_step"] = verdict.Step,
            ["recovered"] = verdict.Collapsed ? verdict.Recovered : null,
        };
        return new GuardAnswer("collapse", "Collapsed?", answer, figures, Files(sources.History, sources.Metrics), CollapseVerdict.Definition);
    }

    private static GuardAnswer Rho(GuardSources sources)
    {
        const double bound = RhoBound * (1 + RhoTolerance);
        Extreme before = sources.Extreme("max_rho", "rho");
        double[] capped = [.. sources.Run.Logged.Finite("rho_capped").Select(step => step.Value)];
        double after = capped.Length > 0 ? capped.Max() : double.NaN;
        long? firstStep = sources.FirstStep("rho", value => value > bound);
        int? firstEpoch = sources.FirstEpoch(epoch => epoch["max_rho"] > bound);
        string answer = $"{YesNo(before.Value > bound, before.Value)}; largest {Ratio(before.Value)}{At(before)} before the cap, "
            + $"{Ratio(after)} after it among the logged steps";
        if (firstEpoch is not null || firstStep is not null) answer += $"; first in {First(firstEpoch, firstStep)}";
        var figures = new JsonObject
        {
            ["bound"] = RhoBound,
            ["passed_before_cap"] = Passed(before.Value, bound),
            ["largest_before_cap"] = Number(before.Value),
            ["first_epoch"] = firstEpoch,
            ["first_logged_step"] = firstStep,
            ["passed_after_cap"] = Passed(after, bound),
            ["largest_after_cap"] = Number(after),
        };
        return new GuardAnswer(
            "rho", "rho above .25?", answer, figures, Files(before.RestsOn, sources.Metrics),
            "rho = lambda L_dir / mse of a step; the cap, where the mode has one, then scales lambda down");
    }

    private static GuardAnswer Skips(GuardSources sources)
    {
        RunRecord run = sources.Run;
        RecordedEpoch[] epochs = [.. run.Epochs.Where(epoch => epoch["skip_count"] > 0)];
        double count = Sum(run, "skip_count");
        double share = count / run.EpochSteps;
        long? first = sources.FirstStep("skip", value => value > 0), last = sources.LastStep("skip", value => value > 0);
        JsonObject rules = SkipsByRule(run);
        string answer = double.IsNaN(count) ? "unknown" : $"{count:N0} of {run.EpochSteps:N0} steps ({NumberText.Of(share, NumberStyle.Percent)})";
        if (epochs.Length > 0) answer += $", epochs {epochs[0].Epoch} to {epochs[^1].Epoch}";
        if (first is not null) answer += $", logged steps {first:N0} to {last:N0}";
        foreach ((string rule, JsonNode? logged) in rules) answer += $"\nby rule, of the logged ones: {rule}: {logged}";
        var figures = new JsonObject
        {
            ["count"] = Number(count),
            ["share"] = Number(share),
            ["first_epoch"] = epochs.Length > 0 ? epochs[0].Epoch : null,
            ["last_epoch"] = epochs.Length > 0 ? epochs[^1].Epoch : null,
            ["first_logged_step"] = first,
            ["last_logged_step"] = last,
            ["logged_by_rule"] = rules,
        };
        return new GuardAnswer(
            "skips", "Skipped steps?", answer, figures, Files(sources.History, sources.Metrics),
            "a skipped step trains without the directional term; the rule is the first of the mode's that the batch means fit");
    }

    /// <summary>Counts the logged skips by the first rule of config.json that their pos and neg fit.</summary>
    private static JsonObject SkipsByRule(RunRecord run)
    {
        var counts = new JsonObject();
        if (!run.Config.TryGetProperty("mode_constants", out JsonElement mode) || mode.ValueKind != JsonValueKind.Object
            || !mode.TryGetProperty("skip_rules", out JsonElement rules) || rules.ValueKind != JsonValueKind.Array)
        {
            return counts;
        }

        foreach ((int record, double skip) in run.Logged.Finite("skip"))
        {
            if (skip == 0) continue;
            (double pos, double neg) = (run.Logged["pos"][record], run.Logged["neg"][record]);
            string rule = rules.EnumerateArray().FirstOrDefault(r => pos < Bound(r, "pos_below") && neg < Bound(r, "neg_below")) is
            { ValueKind: JsonValueKind.Object } found && found.TryGetProperty("reason", out JsonElement reason) ? $"{reason}" : "none of the mode's";
            counts[rule] = (counts[rule]?.GetValue<int>() ?? 0) + 1;
        }

        return counts;

        // config.json holds +∞, a bound that a rule does not look at, as a text.
        static double Bound(JsonElement rule, string key) => rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty(key, out JsonElement value)
            ? value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.PositiveInfinity
            : double.NaN;
    }

    private static GuardAnswer NegativePos(GuardSources sources)
    {
        RunRecord run = sources.Run;
        Extreme lowest = sources.Extreme("min_pos", "pos", lowest: true);
        (int Record, double Value)[] logged = [.. run.Logged.Finite("pos")];
        int below = logged.Count(step => step.Value < 0);
        int[] epochs = [.. run.Epochs.Where(epoch => epoch["mean_pos"] < 0).Select(epoch => epoch.Epoch)];
        long? first = sources.FirstStep("pos", value => value < 0), last = sources.LastStep("pos", value => value < 0);
        string answer = $"{YesNo(lowest.Value < 0, lowest.Value)}; lowest batch mean {NumberText.Of(lowest.Value, NumberStyle.Cosine)}{At(lowest)}"
            + $"; {below:N0} of {logged.Length:N0} logged batches{(first is null ? "" : $", steps {first:N0} to {last:N0}")}"
            + $"; {epochs.Length} epochs with a negative mean{(epochs.Length > 0 ? $" ({string.Join(", ", epochs)})" : "")}";
        var figures = new JsonObject
        {
            ["lowest_batch_mean"] = Number(lowest.Value),
            ["logged_batches_below_0"] = below,
            ["logged_batches"] = logged.Length,
            ["first_logged_step"] = first,
            ["last_logged_step"] = last,
            ["epochs_with_mean_below_0"] = new JsonArray([.. epochs.Select(epoch => (JsonNode)epoch)]),
        };
        return new GuardAnswer(
            "pos", "pos below 0?", answer, figures, Files(lowest.RestsOn, sources.History, sources.Metrics),
            "pos = batch mean of cos(raw, target), dropout on; below 0 in the mean of an epoch it is sustained");
    }

    private static GuardAnswer MarginTurns(GuardSources sources)
    {
        RunRecord run = sources.Run;
        var lines = new List<string>();
        var figures = new JsonObject();
        foreach (Measure measure in Margins.Select(key => Measures.All.First(m => m.Key == key)))
        {
            (int Epoch, double Value)[] values =
                [.. run.Epochs.Select(epoch => (epoch.Epoch, Value: measure.Of(run, epoch))).Where(epoch => double.IsFinite(epoch.Value))];
            int first = Array.FindIndex(values, v => v.Value > 0);
            bool stayed = first >= 0 && values[first..].All(v => v.Value > 0);
            if (values.Length > 0)
            {
                string turn = first < 0 ? "never" : $"epoch {values[first].Epoch}, {(stayed ? "and stayed" : "but not for good")}";
                lines.Add($"{measure.Title}: {turn} (last {NumberText.Of(values[^1].Value, NumberStyle.Difference)})");
            }

            figures[measure.Key] = new JsonObject
            {
                ["first_positive_epoch"] = first < 0 ? null : values[first].Epoch,
                ["stayed_positive"] = first < 0 ? null : stayed,
                ["last"] = values.Length > 0 ? Number(values[^1].Value) : null,
            };
        }

        return new GuardAnswer(
            "margins", "Margin positive?", lines.Count > 0 ? string.Join('\n', lines) : "unknown", figures, sources.History,
            $"a margin = mean cos to the target - mean cos to that context; neg of this run is {run.Negative}");
    }

    private static GuardAnswer Clamps(GuardSources sources)
    {
        RunRecord run = sources.Run;
        (double min, double max) = (run.ModeConstant("lambda_min"), run.ModeConstant("lambda_max"));
        double[] lambdas = [.. run.Logged.Finite("lambda_eff").Select(step => step.Value)];
        int low = lambdas.Count(lambda => lambda <= min * (1 + ClampTolerance)), high = lambdas.Count(lambda => lambda >= max * (1 - ClampTolerance));
        bool known = lambdas.Length > 0 && max > 0;
        string answer = known
            ? $"at or below the lower ({min}) {Share(low)}, at the upper ({max}) {Share(high)}"
            : max == 0 ? "the mode has no clamps of lambda" : "unknown";
        var figures = new JsonObject
        {
            ["lambda_min"] = Number(min),
            ["lambda_max"] = Number(max),
            ["logged_at_min"] = known ? low : null,
            ["logged_at_max"] = known ? high : null,
            ["logged"] = lambdas.Length,
        };
        return new GuardAnswer(
            "clamps", "lambda at its clamps?", answer, figures, sources.Metrics,
            "lambda as used, after cap and confidence gate; the clamps are those of config.json");

        string Share(int count) =>
            $"{count:N0} of {lambdas.Length:N0} logged steps ({NumberText.Of((double)count / lambdas.Length, NumberStyle.Percent)})";
    }

    private static GuardAnswer Counts(GuardSources sources)
    {
        RunRecord run = sources.Run;
        (double rescales, double caps) = (Sum(run, "rescale_count"), Sum(run, "gradient_cap_count"));
        double negative = Sum(run, "negative_cosine_count");
        return new GuardAnswer(
            "counts", "Rescales, negative cosines?",
            $"lambda scaled down by the cap of rho in {NumberText.Of(rescales, NumberStyle.Count)} steps, by the cap of G in "
            + $"{NumberText.Of(caps, NumberStyle.Count)}; mean pos or neg below 0 in {NumberText.Of(negative, NumberStyle.Count)}",
            new JsonObject { ["rescales"] = Number(rescales), ["gradient_caps"] = Number(caps), ["negative_cosines"] = Number(negative) },
            sources.History, "a rescale is counted where the cap changes lambda by more than rounding");
    }

    private static GuardAnswer Bound(GuardSources sources, string key, string question, string epochKey, string definition)
    {
        RunRecord run = sources.Run;
        Extreme largest = sources.Extreme(epochKey, key);
        long? firstStep = sources.FirstStep(key, value => value > 1);
        int? firstEpoch = sources.FirstEpoch(epoch => epoch[epochKey] > 1);
        long? learned = CollapseVerdict.Of(run).LearnedStep;
        (long Step, double Value)[] since =
            [.. run.Logged.Finite(key).Select(step => (run.Logged.Steps[step.Record], step.Value)).Where(step => step.Item1 >= learned)];
        double sinceLargest = since.Select(step => step.Value).DefaultIfEmpty(double.NaN).Max();
        long? sinceFirst = since.Where(step => step.Value > 1).Select(step => (long?)step.Step).FirstOrDefault();
        string answer = $"{YesNo(largest.Value > 1, largest.Value)}; largest {Ratio(largest.Value)}{At(largest)}";
        if (firstEpoch is not null || firstStep is not null) answer += $"; first in {First(firstEpoch, firstStep)}";
        if (since.Length > 0)
        {
            answer += $"\nonce learned (from logged step {learned:N0}): {YesNo(sinceFirst is not null, sinceLargest)}; largest {Ratio(sinceLargest)}"
                + (sinceFirst is null ? "" : $"; first in logged step {sinceFirst:N0}");
        }

        var figures = new JsonObject
        {
            ["largest"] = Number(largest.Value),
            ["first_epoch_above_1"] = firstEpoch,
            ["first_logged_step_above_1"] = firstStep,
            ["learned_at_logged_step"] = learned,
            ["largest_logged_once_learned"] = Number(sinceLargest),
            ["first_logged_step_above_1_once_learned"] = sinceFirst,
        };
        return new GuardAnswer(
            key, question, answer, figures, Files(largest.RestsOn, sources.Metrics),
            $"{definition}; learned = mean pos of 5 logged steps from .20 on");
    }

    private static GuardAnswer Stop(GuardSources sources) => new(
        "stop", "Stopped by a guard?", sources.Run.StoppedBy is { } reason ? $"YES: {reason}" : "no",
        new JsonObject { ["stopped_by"] = sources.Run.StoppedBy }, "training.log",
        "what is not finite ends a run, and so does a mode's own stop rule");

    private static string Files(params string[] sources) => string.Join("; ", sources.Distinct());

    private static double Sum(RunRecord run, string key) =>
        run.Epochs.Select(epoch => epoch[key]).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Sum();

    private static string YesNo(bool holds, double value) => double.IsNaN(value) ? "unknown" : holds ? "YES" : "no";

    private static JsonValue? Passed(double value, double bound) => double.IsNaN(value) ? null : JsonValue.Create(value > bound);

    private static string Ratio(double value) => NumberText.Of(value, NumberStyle.Ratio);

    private static string At(in Extreme extreme) => extreme.Epoch > 0 ? $" (epoch {extreme.Epoch})" : "";

    private static string First(int? epoch, long? step) => (epoch, step) switch
    {
        (null, _) => $"logged step {step:N0}",
        (_, null) => $"epoch {epoch}",
        _ => $"epoch {epoch}, logged step {step:N0}",
    };

    private static JsonValue? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : null;
}
