using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// A comparison as line charts: per epoch what was judged, per logged step what the guards saw. Panels of measures that no run has are left out.
/// </summary>
internal static class ComparisonSvg
{
    // Points of all curves together, at some 12 bytes each: the file stays below 100 kB.
    private const int MostPoints = 6000;

    public static string Text(RunComparison comparison)
    {
        Panel[] panels = [.. Panels(comparison.Runs).Select(Drawable).Where(panel => panel.Curves.Count > 0)];
        int curves = Math.Max(1, panels.Sum(panel => panel.Curves.Count));
        panels = [.. panels.Select(panel => panel with { Curves = [.. panel.Curves.Select(curve => Thin(curve, MostPoints / curves))] })];
        return SvgChart.Draw("Runs side by side", [.. comparison.Runs.Select(run => run.Label)], panels);
    }

    /// <summary>Without the curves that have no point on the panel's axis; a mode without a directional loss has λ 0 throughout.</summary>
    private static Panel Drawable(Panel panel) => panel with
    {
        Curves = [.. panel.Curves.Where(curve => curve.Points.Any(point => double.IsFinite(point.Y) && (point.Y > 0 || !panel.Logarithmic)))],
    };

    private static Curve Thin(Curve curve, int most) => curve with { Points = SeriesPoints.Thin(curve.Points, most) };

    private static IEnumerable<Panel> Panels(IReadOnlyList<ComparedRun> runs)
    {
        yield return Epochs("val cosine", "cosine", "val_cosine") with { Reference = null };
        yield return Epochs("mini-5CAT margin vs ctx4 (first 10 val batches)", "cosine", "mini_margin_ctx4");
        yield return Epochs("val margin vs ctx4 (whole split)", "cosine", "val_margin_ctx4");
        yield return Epochs("val margin vs ctx3 (whole split)", "cosine", "val_margin_ctx3");
        yield return Steps("pos = cos(raw, target)", "batch mean of cosine", "pos");
        yield return Steps("neg = cos(raw, negative)", "batch mean of cosine", "neg");
        yield return Steps("gap = pos - neg, what the loss pushes up", "batch mean of cosine", "gap");
        yield return Steps("lambda", "weight, log scale", "lambda_eff") with { Reference = null, Logarithmic = true };
        yield return Steps("rho = lambda L_dir / mse before the cap", "ratio of loss values", "rho") with { Reference = 0.25 };
        yield return Steps("G = |grad lambda L_dir| / |grad mse|", "ratio of gradients", "gradient_ratio") with { Reference = 1 };
        yield return Steps("S, limit of the pressure", "ratio of forces", "pressure_limit") with { Reference = 1 };
        yield return Epochs("skipped steps of the epoch", "share", "skip_share") with { Reference = null };

        Panel Epochs(string title, string unit, string key)
        {
            Measure measure = Measures.All.First(m => m.Key == key);
            IReadOnlyList<Curve> curves = Curves(run => [.. run.Epochs.Select(epoch => ((double)epoch.Epoch, measure.Of(run, epoch)))]);
            return new Panel(title, "epoch", unit, curves, Marks: true) { Reference = 0 };
        }

        Panel Steps(string title, string unit, string key)
        {
            IReadOnlyList<Curve> curves =
                Curves(run => [.. run.Logged.Finite(key).Select(step => ((double)run.Logged.Steps[step.Record], step.Value))]);
            return new Panel(title, "step", unit, curves, Marks: false) { Reference = 0 };
        }

        IReadOnlyList<Curve> Curves(Func<RunRecord, IReadOnlyList<(double X, double Y)>> pointsOf) =>
            [.. runs.Select((run, i) => new Curve(i, pointsOf(run.Record)))];
    }
}
