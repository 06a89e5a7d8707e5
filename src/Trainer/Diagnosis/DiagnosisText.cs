using P6bNative.Trainer.Evaluation;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>Prints a <see cref="DataDiagnosis"/> for people: every number with its definition and how many samples it is of.</summary>
internal static class DiagnosisText
{
    public static void Write(DataDiagnosis diagnosis, TextWriter writer)
    {
        DataInspectionWriter.WriteText(diagnosis.Inspection, writer);
        WriteBoundaries(diagnosis.Boundaries, Row);
        if (diagnosis.Curve is [{ Windows: var windows }, ..])
        {
            Row("offset curve", $"mean cos(ctx4, row target + k), target offset {diagnosis.TargetOffset}, {windows} windows that have all seven rows");
            Row("", string.Join("  ", diagnosis.Curve.Select(point => Invariant($"k={point.Offset:+0;-0;0} {point.Mean:F4}"))));
        }
        foreach (DirectionFigure figure in diagnosis.Direction)
        {
            Row("direction", Invariant($"{figure.Name} {figure.Mean:+0.0000;-0.0000} over {figure.Windows} windows; ")
                + $"{figure.Formula} (Δ of {figure.Origin})");
        }
        foreach (ArrowScore score in diagnosis.Arrow)
            WriteArrow(score, diagnosis, Row);
        foreach (SplitParity parity in diagnosis.Parity)
            WriteParity(parity, Row);
        foreach (string line in diagnosis.Unanswered)
            Row("not told", line);

        void Row(string name, string value) => writer.WriteLine($"{name,-12} {value}");
    }

    private static void WriteBoundaries(BoundaryCrossings crossings, Action<string, string> row)
    {
        row("boundaries", $"{crossings.Count} {crossings.Windows}");
        row("", Share(crossings.AnyContext, "have a context (any of five) from another article than the target"));
        row("", Share(crossings.LastContext, "have ctx4 from another article, all that the original's crosses_article sees"));
        if (crossings.TooEarly is { } early)
            row("", Share(early, "have a target with fewer chunks before it than a window needs, so cross for certain"));

        string Share(int? count, string what) =>
            count is { } number ? Invariant($"{number} ({100.0 * number / crossings.Count:F1} %) {what}") : $"unknown how many {what}";
    }

    private static void WriteArrow(ArrowScore score, DataDiagnosis diagnosis, Action<string, string> row)
    {
        row("arrow", Invariant($"{score.Path}: cosine of ridge (λ {RidgeRegression.BaselineLambda}, {diagnosis.ArrowFittedWindows} windows) to row t ")
            + "from the first five rows of a window, minus that to its first row from the last five");
        row("", $"all windows: {Means(score.All)}");
        row("", $"{ArrowOfTime.EdgeRows} rows and more from both ends of their article: {Means(score.Interior)}");

        static string Means(ArrowMeans means) =>
            Invariant($"{means.Forward:F4} - {means.Backward:F4} = {means.Difference:+0.0000;-0.0000}, 95 % interval over {means.Articles} articles ")
            + Invariant($"{means.Interval.Low:+0.0000;-0.0000} .. {means.Interval.High:+0.0000;-0.0000}; {means.Windows} windows");
    }

    private static void WriteParity(SplitParity parity, Action<string, string> row)
    {
        row("parity", $"{parity.Role} {parity.Path} {(parity.Matches ? "matches" : "differs from")} {parity.TrainPath}");
        foreach (ParityFigure figure in parity.Figures)
        {
            row("", Invariant($"{figure.Name} {figure.Train:F4} / {figure.Other:F4}, differ by {figure.Difference:F4}: ")
                + Invariant($"{(figure.Matches ? "match" : "differ")} (tolerance {figure.Tolerance}); {figure.Formula}"));
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
