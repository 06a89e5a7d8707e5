using System.Text.Json;
using P6bNative.Trainer.Data;
using P6bNative.Trainer.Forecast;
using P6bNative.Trainer.Loss;
using P6bNative.Trainer.Telemetry;
using P6bNative.Trainer.Training;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>What <c>forecast</c> prints: the same numbers as text or as one JSON object.</summary>
internal sealed record ForecastReport
{
    private const double GridStep = 0.2;

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Converters = { new FiniteOrNullConverter() },
    };

    // The file has the curve fine enough to interpolate on, all the way; the text has every fifth point of its first part.
    private const int CurvePoints = 50;
    private const int CurvePointsPerLine = 5;
    private const double LastAlphaInText = 0.6;

    private static readonly double[] Gammas = [2, 4, 8, 16];

    private static readonly double[] Margins = [0, 0.03, 0.05, 0.1, 0.2, 0.5];

    public required string Mode { get; init; }

    public required string? Negative { get; init; }

    /// <summary>The q of <see cref="Curve"/>: the mode's negative, or its default slot where it has no directional term.</summary>
    public required string CurveNegative { get; init; }

    public required double? GradientCap { get; init; }

    /// <summary>Largest pressure of a mode with a dual pressure; null for the others.</summary>
    public required double? MaxPressure { get; init; }

    /// <summary>"ridge", or the file of the model whose raw predictions stand for the MSE optimum.</summary>
    public required string Predictor { get; init; }

    public required int TrainWindows { get; init; }

    /// <summary>Windows that the curve is made of.</summary>
    public required int ValidationWindows { get; init; }

    public required int Dimension { get; init; }

    /// <summary>The predictions μ − αq, whatever the loss.</summary>
    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    public required IReadOnlyList<StageRow> Stages { get; init; }

    /// <summary>
    /// The last stage's margin and γ at other strengths, without the caps on λ, ρ and the gradient, from plain MSE; in a mode with a dual
    /// pressure, other margins under its caps.
    /// </summary>
    public required IReadOnlyList<StageRow> Strengths { get; init; }

    /// <summary>The fold of the last stage's margin for other γ, without caps.</summary>
    public required IReadOnlyList<FoldRow> Folds { get; init; }

    public IReadOnlyDictionary<string, string> Definitions { get; } = new Dictionary<string, string>
    {
        ["alpha"] = "share of the negative subtracted from the raw prediction of plain MSE: the output is norm(mu - alpha*q)",
        ["curve"] = "the predictions mu - alpha*q, whatever the loss, q = curve_negative",
        ["cosine"] = "mean cosine of output and target over the validation windows",
        ["margins"] = "mean cosine with the target minus mean cosine with ctx0 .. ctx4; the gap that the loss sees is the negative's",
        ["k"] = "gamma * fraction of the stage",
        ["fold"] = "smallest k at which the stage collapses with its caps (fold) or without (fold_uncapped); "
            + $"null: none up to {ModeForecast.LargestK}",
        ["collapses"] = $"no fixed point with at least {ModeForecast.LeastCosineShare} of the cosine at alpha 0; "
            + "alpha and what follows are then where it would end, or null",
        ["pressure"] = "s = lambda*w*D/(2c), pressure of the directional term on the gap over the restoring force of the MSE",
        ["gradient_ratio"] = "G, norm of the gradient of lambda*L_dir over that of the MSE, by the raw output",
    };

    /// <param name="curve">Of the mode's negative.</param>
    /// <param name="mode">The loss.</param>
    /// <param name="settings">Of the run.</param>
    /// <param name="split">The windows it was made from.</param>
    /// <param name="model">The file whose raw predictions stand for the MSE optimum; null for the ridge.</param>
    /// <param name="threads">Threads that look for folds; 0 = one per core. The result does not depend on it.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="InputException">The predictions point away from the targets.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was set.</exception>
    public static ForecastReport Of(
        SubtractionCurve curve, LossMode mode, TrainingSettings settings, ArticleSplit split, string? model, int threads, CancellationToken stop)
    {
        var forecast = new ModeForecast(curve, mode);
        Stage last = mode.Stages[^1];
        bool scaled = mode.HasDirectionalTerm && mode.Dual is null;
        IReadOnlyList<StageForecast> stages = forecast.Stages();
        double[] gammas = [.. Gammas.Append(mode.Gamma).Distinct().Order()];
        (Stage Stage, bool Guarded, double Gamma)[] wanted = !scaled ? [] :
        [
            .. stages.Select(stage => (stage.Stage, true, mode.Gamma)), .. stages.Select(stage => (stage.Stage, false, mode.Gamma)),
            .. gammas.Select(gamma => (last, false, gamma)),
        ];
        double?[] folds =
        [
            .. wanted.AsParallel().AsOrdered().WithCancellation(stop).WithDegreeOfParallelism(threads == 0 ? Environment.ProcessorCount : threads)
                .Select(fold => forecast.Fold(fold.Stage, fold.Guarded, fold.Gamma)),
        ];
        stop.ThrowIfCancellationRequested();
        return new ForecastReport
        {
            Mode = mode.Name,
            Negative = settings.Negative,
            CurveNegative = $"ctx{curve.Negative}",
            GradientCap = double.IsFinite(mode.GradientCap) ? mode.GradientCap : null,
            MaxPressure = mode.Dual?.MaxPressure,
            Predictor = model ?? "ridge",
            TrainWindows = split.Train.Length,
            ValidationWindows = curve.Windows,
            Dimension = curve.Dimension,
            Curve =
            [
                .. Enumerable.Range(0, CurvePoints).Select(i => forecast.At((double)i / CurvePoints)).OfType<MeanFieldPoint>()
                    .Select(point => new CurvePoint(point.Alpha, point.Cosine, point.Margins)),
            ],
            Stages = [.. stages.Select((stage, i) => StageRow.Of(i + 1, stage, Fold(i), Fold(stages.Count + i)))],
            Strengths = scaled ? [.. GridOf(forecast, last)] : [.. MarginsOf(forecast)],
            Folds = scaled ? [.. gammas.Select((gamma, i) => new FoldRow(gamma, Fold(2 * stages.Count + i)))] : [],
        };

        double? Fold(int index) => scaled ? folds[index] : null;
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public void WriteText(ConsoleContext console)
    {
        string predictor = Predictor == "ridge" ? $"ridge (lambda 50) on {TrainWindows:N0} training windows" : Predictor;
        string negative = Negative is null ? "" : $", negative {Negative}";
        string cap = GradientCap is null ? "" : $", gradient cap {GradientCap}";
        string pressure = MaxPressure is null ? "" : $", largest pressure {MaxPressure}";
        console.Output.WriteLine($"forecast: {Mode}{negative}{cap}{pressure}; mu = {predictor}, D = {Dimension}; {ValidationWindows:N0} validation windows");
        console.Output.WriteLine();
        console.Output.WriteLine("output norm(mu - a*q), q the negative, whatever the loss: mean cosine with the target, and margins cos(target) - cos(ctx i)");
        Table table = ConsoleContext.NewTable("alpha", "cosine", "ctx0", "ctx1", "ctx2", "ctx3", "ctx4");
        foreach (CurvePoint point in Curve.Where((point, i) => i % CurvePointsPerLine == 0 && point.Alpha <= LastAlphaInText))
            table.AddRow([$"{point.Alpha:F1}", $"{point.Cosine:F4}", .. point.Margins.Select(margin => Margin(margin))]);
        console.Write(table);
        if (Strengths.Count == 0)
        {
            console.Output.WriteLine($"{Mode} has no directional term: it comes to rest at alpha 0.");
            return;
        }

        if (MaxPressure is not null)
        {
            console.Output.WriteLine("where it comes to rest, at its own margin and at others; alpha is at most s_max/(1 + s_max), so there is no fold");
            WriteRows(console, [.. Stages, .. Strengths], "margin", row => $"{row.MarginGap}", withFolds: false);
            console.Output.WriteLine(Verdict());
            return;
        }

        console.Output.WriteLine("stages: where each comes to rest; k = gamma*fraction; fold = the k from which on it collapses");
        WriteRows(console, Stages, "stage", row => $"{row.Stage} (from epoch {row.FirstEpoch})", withFolds: true);
        console.Output.WriteLine(
            $"last stage's margin {Stages[^1].MarginGap} at other strengths, without caps on lambda, rho and the gradient, from plain MSE "
            + $"(fold at {FoldText(Stages[^1].FoldUncapped)})");
        WriteRows(console, Strengths, "k", row => $"{row.K:F1}", withFolds: false);
        console.Output.WriteLine("fold by gamma, without caps: " + string.Join(", ", Folds.Select(f => $"gamma {f.Gamma}: k {FoldText(f.Fold)}")));
        console.Output.WriteLine(Verdict());
    }

    private static IEnumerable<StageRow> GridOf(ModeForecast forecast, Stage stage)
    {
        double largest = Math.Max(forecast.Mode.Gamma * stage.Fraction, 1.4);
        for (int i = 1; ; i++)
        {
            StageForecast row = forecast.WithStrength(stage, i * GridStep, guarded: false);
            yield return StageRow.Of(forecast.Mode.Stages.Length, row, null, null);
            if (row.Collapses || (i - 1) * GridStep > largest) yield break;
        }
    }

    private static IEnumerable<StageRow> MarginsOf(ModeForecast forecast) =>
        forecast.Mode.Dual is null ? [] : Margins.Select(margin => StageRow.Of(1, forecast.WithMargin(margin), null, null));

    private static void WriteRows(ConsoleContext console, IReadOnlyList<StageRow> rows, string head, Func<StageRow, string> name, bool withFolds)
    {
        string[] columns = ["alpha", "cosine", "gap", "vs ctx3", "vs ctx4", "s", "G", "lambda"];
        Table table = ConsoleContext.NewTable(withFolds ? [head, "margin", "k", .. columns, "fold", "uncapped", ""] : [head, .. columns, ""]);
        foreach (StageRow row in rows)
        {
            string[] cells =
            [
                Number(row.Alpha, "F3"), Number(row.Cosine, "F3"), Margin(row.Gap),
                Margin(row.Margins?[3]), Margin(row.Margins?[4]), Number(row.Pressure, "F2"), Number(row.GradientRatio, "F2"), Number(row.Lambda, "0.0e-0"),
            ];
            string verdict = row.Collapses ? "COLLAPSES" : "";
            table.AddRow(withFolds
                ? [name(row), $"{row.MarginGap:F2}", $"{row.K:F2}", .. cells, FoldText(row.Fold), FoldText(row.FoldUncapped), verdict]
                : [name(row), .. cells, verdict]);
        }

        console.Write(table);
    }

    private string Verdict()
    {
        StageRow? collapse = Stages.FirstOrDefault(row => row.Collapses);
        if (collapse is not null) return $"forecast: {Mode} collapses at stage {collapse.Stage} (epoch {collapse.FirstEpoch} on), if that is long enough.";
        StageRow end = Stages[^1];
        return $"forecast: {Mode} is stable; it ends at alpha {end.Alpha:F2}, cosine {end.Cosine:F3}, margin vs ctx3 {end.Margins![3]:+0.000;-0.000}, "
            + $"vs ctx4 {end.Margins[4]:+0.000;-0.000}.";
    }

    // Rounded first: what rounds to 0 from below would be written with both signs.
    internal static string Margin(double? margin) => Number(margin is { } value ? Math.Round(value, 3) + 0.0 : null, "+0.000;-0.000");

    private static string Number(double? number, string format) => number is { } value ? value.ToString(format) : "-";

    private static string FoldText(double? fold) => fold is { } k ? $"{k:F2}" : "none";

    /// <summary>One point of the curve.</summary>
    internal sealed record CurvePoint(double Alpha, double Cosine, IReadOnlyList<double> Margins);

    /// <summary>The fold for one γ.</summary>
    internal sealed record FoldRow(double Gamma, double? Fold);

    /// <summary>A stage, or its margin at another strength; null where there is no point to come to rest at.</summary>
    internal sealed record StageRow(
        int Stage, int FirstEpoch, double MarginGap, double Fraction, double? RhoCap, double K, bool Collapses, double? Alpha, double? Cosine, double? Gap,
        IReadOnlyList<double>? Margins, double? Pressure, double? GradientRatio, double? Lambda, double? Rho, double? Fold, double? FoldUncapped)
    {
        public static StageRow Of(int number, StageForecast forecast, double? fold, double? uncapped)
        {
            (Stage stage, MeanFieldPoint? rest) = (forecast.Stage, forecast.Rest);
            return new StageRow(
                number, stage.FirstEpoch, forecast.Margin, stage.Fraction, double.IsFinite(stage.RhoCap) ? stage.RhoCap : null, forecast.K,
                forecast.Collapses, rest?.Alpha, rest?.Cosine, rest?.Loss.Gap, rest?.Margins, rest?.Loss.Pressure, rest?.Loss.GradientRatio,
                rest?.Loss.LambdaEff, rest?.Loss.RhoCapped, fold, uncapped);
        }
    }
}
