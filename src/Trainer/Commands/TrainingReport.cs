using System.Diagnostics;
using System.Globalization;
using System.Text;
using P6bNative.Trainer.Checkpoints;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Training;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>What <c>train</c> tells people before and after a run.</summary>
internal static class TrainingReport
{
    public static void WriteHeader(TrainingSetup setup, RunFolder folder, RunState state, bool resumed, ConsoleContext console)
    {
        TrainingSettings s = setup.Settings;
        ISequenceSet data = setup.Data;
        ArticleSplit split = setup.Split;
        TextWriter o = console.Output;
        int batches = (split.Train.Length + s.BatchSize - 1) / s.BatchSize;
        o.WriteLine($"data     {data.Path} ({data.Kind}, {data.Count:N0} windows of {data.ContextLength} x {data.Dimension})");
        if (setup.ValidationFile is { } val) o.WriteLine($"val      {val.Path} ({val.Kind}, {val.Count:N0} windows)");
        o.WriteLine($"split    {SplitText(setup)}");
        if (split.Warning is not null) o.WriteLine($"WARNING  {split.Warning}");
        o.WriteLine($"model    {setup.Model.Config.ParameterCount:N0} parameters: {ModelSizes.Describe(setup.Model.Config)}");
        o.WriteLine($"device   {setup.Device.Name}: {setup.Device.Description}");
        o.WriteLine($"steps    {s.Epochs} epochs x {batches:N0} batches of {s.BatchSize}; AdamW lr {s.Lr}, weight decay {s.WeightDecay}, clip {s.Clip}; seed {s.Seed}");
        o.WriteLine($"order    {(s.NoShuffle ? "file order" : "shuffled")}; last-slot noise {NoiseText(s)}");
        o.WriteLine($"mode     {ModeText(setup)}");
        foreach (string difference in ModeConstants.Differences(setup.Mode)) o.WriteLine($"         changed: {difference}");
        if (setup.Mode.PushesFromSlot && setup.Mode.Dual is null) WriteStages(setup.Mode, console);
        o.WriteLine($"run      {folder.Path}{(resumed ? $" (resumed at step {state.Step:N0}, epoch {state.Epoch})" : "")}");
    }

    public static void WriteSummary(
        RunFolder folder, TrainingRun run, StopReason reason, TimeSpan elapsed, long steps, ConsoleContext console)
    {
        TextWriter o = console.Output;
        o.WriteLine();
        if (run.History.Count > 0) WriteEpochs(run, console);
        double rate = steps / Math.Max(elapsed.TotalSeconds, 1e-9);
        o.WriteLine(
            $"{reason switch
            {
                StopReason.Completed => "Done",
                StopReason.MaxSteps => "Stopped at --max-steps",
                StopReason.Interrupted => "Interrupted and saved",
                StopReason.Collapsed => "STOPPED: collapse",
                _ => "STOPPED: not finite",
            }}: step {run.StepsDone:N0}, {steps:N0} steps in {elapsed:hh\\:mm\\:ss} ({rate:F1} steps/s), peak memory {PeakMebibytes():N0} MiB");
        if (reason == StopReason.MaxSteps)
        {
            EvaluationResult now = run.Evaluate();
            o.WriteLine($"Now: val loss {now.Loss:F6}, val cosine {now.Cosine:F4}, margin {Math.Round(now.Mini5Cat.Margin, 4) + 0.0:+0.0000;-0.0000}, R@5 {now.Mini5Cat.RecallAt5:F3}");
        }

        if (reason is StopReason.NotFinite or StopReason.Collapsed)
        {
            string advice = reason == StopReason.NotFinite ? "a lower --lr" : "a smaller --margin or --s-max";
            console.Error.WriteLine(
                $"p6b: training stopped at {run.Failure}; the last checkpoint in {folder.Path} is untouched. "
                + $"Start a new run with {advice}, from --init best.safetensors if there is one.");
            return;
        }

        if (reason is StopReason.MaxSteps or StopReason.Interrupted) o.WriteLine($"Go on with: p6b train --resume {folder.Path}");
        if (File.Exists(folder.Checkpoints.Best)) o.WriteLine($"Best weights ({run.BestBy}): {folder.Checkpoints.Best}");
        if (run.History.Count > 0 && RunForecast.BesideMargin(folder, run.History[^1]) is { } beside) o.WriteLine(beside);
        o.WriteLine("Margin = mean cos(prediction, target) - mean cos(prediction, last context), first 10 validation batches; a plain regressor is negative.");
        if (run.CopyLast is { } copy)
            o.WriteLine($"MRR = 1/rank of the target among the chunks of its article that are no context, mean; a copy of the last context has {copy.ReciprocalRank:F3}.");
        o.WriteLine("R@5 = target not the worst of 6 (5 contexts and itself): chance 0.833. rho = directional / MSE value before the cap.");
    }

    private static string SplitText(TrainingSetup setup)
    {
        ArticleSplit split = setup.Split;
        string counts = $"{split.Train.Length:N0} train / {split.Validation.Length:N0} val windows";
        if (setup.ValidationFile is not null) return counts + " (--val)";
        return split.ByArticle
            ? $"{counts}: the last {split.ValidationArticles:N0} of {split.TrainArticles + split.ValidationArticles:N0} articles are val"
            : counts + ", at random";
    }

    private static string NoiseText(TrainingSettings s) => s.LastSlotNoise > 0
        ? $"ON: p {s.LastSlotNoise}, sigma {LastSlotNoise.Sigma}, swap {LastSlotNoise.SwapProbability} (as upstream)"
        : "off";

    private static string ModeText(TrainingSetup setup)
    {
        LossMode m = setup.Mode;
        if (!m.HasDirectionalTerm) return $"{m.Name}: MSE alone";
        string cap = double.IsFinite(m.GradientCap) ? $"gradient cap G {m.GradientCap}" : "no gradient cap";
        if (m.InArticle is { } contrast)
        {
            return $"{m.Name}: MSE + lambda x InfoNCE over at most {contrast.Negatives} chunks of the target's article that are no context, temperature "
                + $"{contrast.Temperature}; lambda {m.LambdaMax} under {cap}; lr linear to 0 after {m.ConstantRateShare:P0} of the steps; best epoch by in-article MRR";
        }

        if (m.Dual is { } dual)
        {
            return $"{m.Name}: MSE - lambda x mean gap (negative {setup.Settings.Negative}), lambda = 2cs/D; s driven to margin {dual.Margin} by {dual.Rate} a step, "
                + $"at most {dual.MaxPressure}; {cap}; MSE alone for the first {dual.WarmupShare:P0} of the steps, then lr linear to 0";
        }

        var text = new StringBuilder($"{m.Name}: MSE + lambda x directional (negative {setup.Settings.Negative}, gamma {m.Gamma}, alpha {m.Alpha}, ");
        text.Append(CultureInfo.InvariantCulture, $"lambda {m.LambdaMin} .. {m.LambdaMax}");
        if (m.FloorWeight > 0) text.Append(CultureInfo.InvariantCulture, $", floor {m.FloorTau} x {m.FloorWeight}");
        if (m.NormWeight > 0) text.Append(CultureInfo.InvariantCulture, $", norm x {m.NormWeight}");
        if (m.OrthogonalityWeight > 0) text.Append(CultureInfo.InvariantCulture, $", orthogonality x {m.OrthogonalityWeight}");
        if (m.RhoFloorShare > 0) text.Append(CultureInfo.InvariantCulture, $", rho raised below {m.RhoFloorShare} of its target");
        if (m.ConfidenceWidth > 0)
            text.Append(CultureInfo.InvariantCulture, $", confidence from cosine {m.ConfidenceFrom} to {m.ConfidenceFrom + m.ConfidenceWidth:0.###}");
        text.Append(CultureInfo.InvariantCulture, $", {cap}");
        text.Append(m.SkipRules.IsEmpty ? ", no skip" : $", skip where {string.Join(" or ", m.SkipRules.Select(rule => rule.Reason))}");
        return text.Append(')').ToString();
    }

    private static void WriteStages(LossMode mode, ConsoleContext console)
    {
        Table table = ConsoleContext.NewTable("stage from epoch", "margin_gap", "frac = target rho", "rho cap");
        foreach (Stage stage in mode.Stages) table.AddRow($"{stage.FirstEpoch}", $"{stage.MarginGap:0.00##}", $"{stage.Fraction:0.00##}", $"{(double.IsFinite(stage.RhoCap) ? $"{stage.RhoCap:0.00##}" : "none")}");
        console.Write(table);
    }

    private static void WriteEpochs(TrainingRun run, ConsoleContext console)
    {
        Table table = ConsoleContext.NewTable(
            "epoch", "train loss", "train cos", "val loss", "val cos", "margin", "R@5", "MRR", "lambda", "rho", "pos", "neg", "skips", "rescales", "neg cos", "lr");
        foreach (EpochRecord e in run.History)
        {
            table.AddRow(
                $"{e.Epoch}{(e.Epoch == run.BestEpoch ? " *" : "")}", $"{e.TrainLoss:F6}", $"{e.TrainCosine:F4}", $"{e.ValidationLoss:F6}", $"{e.ValidationCosine:F4}",
                $"{Math.Round(e.Mini5CatMargin, 4) + 0.0:+0.0000;-0.0000}", $"{e.Mini5CatRecallAt5:F3}", $"{e.InArticleReciprocalRank:F3}", $"{e.MeanLambdaEff:F5}", $"{e.MeanRho:F3}", $"{e.MeanPos:F3}",
                $"{e.MeanNeg:F3}", $"{e.SkipCount}", $"{e.RescaleCount}", $"{e.NegativeCosineCount}", $"{e.LearningRate:G3}");
        }

        console.Write(table);
        console.Output.WriteLine($"* {run.BestBy}");
    }

    private static double PeakMebibytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 / (1024.0 * 1024.0);
    }
}
