using System.Diagnostics;
using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Forecast;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Training;

namespace P6bNative.Trainer.Commands;

/// <summary>
/// The forecast that <c>train</c> makes of itself before the first step, where the ridge fit costs next to nothing beside the training; it reads
/// the data and touches nothing that training uses.
/// </summary>
internal static class RunForecast
{
    /// <summary>Says what is computed, computes it, prints it and writes forecast.json; or says why not. A stop request leaves nothing behind.</summary>
    public static void Make(TrainingSetup setup, RunFolder folder, TextWriter output, CancellationToken stop)
    {
        // Of an earlier start in this folder, perhaps with other settings.
        File.Delete(folder.Forecast);
        if (ModeForecast.Obstacle(setup.Mode) is { } obstacle)
        {
            output.WriteLine($"forecast none: {obstacle}");
            return;
        }

        int inputs = setup.Data.ContextLength * setup.Data.Dimension;
        if (FitCost.TooMuch(FitCost.OfRidge(setup.Split.Train.Length, inputs, setup.Data.Dimension), TrainingCost(setup), inputs) is { } tooMuch)
        {
            output.WriteLine($"forecast not made: {tooMuch}; p6b forecast --config {folder.Config} makes it");
            return;
        }

        output.WriteLine($"forecast ridge on {setup.Split.Train.Length:N0} windows of {setup.Data.ContextLength} x {setup.Data.Dimension} ...");
        var clock = Stopwatch.StartNew();
        try
        {
            ForecastReport report = Compute(setup, stop);
            AtomicFile.WriteAllText(folder.Forecast, report.ToJson() + "\n");
            foreach (string line in Lines(report, setup.Settings.Epochs)) output.WriteLine($"         {line}");
            output.WriteLine(
                $"         [{clock.Elapsed.TotalSeconds:F1} s; a mean field over {report.ValidationWindows:N0} val windows, see docs/forecast.md; in forecast.json]");
        }
        catch (OperationCanceledException)
        {
            output.WriteLine("         given up: stop requested");
        }
        catch (Exception e) when (e is InputException or DeviceException)
        {
            output.WriteLine($"         none: {e.Message.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>What the negative's subtraction from the ridge has at the margin of an epoch; null where the run has no such figures.</summary>
    public static string? BesideMargin(RunFolder folder, EpochRecord epoch)
    {
        if (RecordedForecast.TryRead(folder.Forecast, out _) is not { Negative: { } negative } forecast) return null;
        if (epoch.ValidationMargins.Length <= forecast.NegativeSlot) return null;
        double margin = epoch.ValidationMargins[forecast.NegativeSlot];
        return forecast.AtMargin(margin) is not { } point ? null
            : $"Epoch {epoch.Epoch}: margin vs {negative} {ForecastReport.Margin(margin)} at val cosine {epoch.ValidationCosine:F4} (all val batches); "
                + $"{forecast.Predictor} - {point.Alpha:F2}*{negative} at that margin: cosine {point.Cosine:F4}";
    }

    private static ForecastReport Compute(TrainingSetup setup, CancellationToken stop)
    {
        (TrainingSettings settings, int negative) = (setup.Settings, setup.Settings.NegativeSlot(setup.Mode));
        SubtractionCurve curve = CurveData.OfRidge(setup.Device, setup.Data, setup.ValidationData, setup.Split, negative, settings.Threads, stop);
        return ForecastReport.Of(curve, setup.Mode, settings, setup.Split, model: null, settings.Threads, stop);
    }

    private static double TrainingCost(TrainingSetup setup)
    {
        TrainingSettings settings = setup.Settings;
        double windows = (double)settings.Epochs * setup.Split.Train.Length;
        if (settings.MaxSteps is { } steps) windows = Math.Min(windows, (double)steps * settings.BatchSize);
        return FitCost.OfTraining(setup.Model.Config.ParameterCount, windows, setup.Data.ContextLength);
    }

    /// <summary>A line for each stage that this run reaches, up to the first collapse.</summary>
    private static IEnumerable<string> Lines(ForecastReport report, int epochs)
    {
        if (report.Negative is null)
        {
            ForecastReport.CurvePoint ridge = report.Curve[0];
            yield return $"ridge itself, the baseline to beat: val cosine {ridge.Cosine:F4}, "
                + string.Join(", ", ridge.Margins.Select((margin, slot) => $"{(slot == 0 ? "margin vs " : "")}ctx{slot} {ForecastReport.Margin(margin)}"));
            yield break;
        }

        // A network that is behind the ridge, or cannot tell the slots apart yet, is not at rest anywhere on this curve.
        yield return $"a network that predicts like this ridge (val cosine {report.Curve[0].Cosine:F4}) would, given time; one that knows less yet only blurs:";
        foreach (ForecastReport.StageRow stage in report.Stages.Where(stage => stage.FirstEpoch <= epochs))
        {
            string name = report.Stages.Count == 1 ? "" : $"in stage {stage.Stage} (from epoch {stage.FirstEpoch}) ";
            if (stage.Collapses)
            {
                yield return $"{name}collapse";
                yield break;
            }

            yield return $"{name}come to rest at {report.Predictor} - {stage.Alpha:F2}*{report.Negative}, val cosine {stage.Cosine:F4}, "
                + $"margin vs {report.Negative} {ForecastReport.Margin(stage.Gap)}";
        }
    }
}
