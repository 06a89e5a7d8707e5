using P6bNative.Trainer.Evaluation;
using P6bNative.Trainer.Evaluation.FiveCat;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>What <c>evaluate</c> tells people.</summary>
internal static class EvaluationReport
{
    private static readonly (string Name, string Title)[] Baselines =
    [
        (FiveCatEvaluation.Ridge, "ridge"), (FiveCatEvaluation.CopyLast, "copy last"), (FiveCatEvaluation.ContextMean, "ctx mean"), (FiveCatEvaluation.Oracle, "oracle"),
    ];

    public static void Write(FiveCatSubject subject, SplitResult val, SplitResult? ood, Gates gates, ConsoleContext console)
    {
        TextWriter o = console.Output;
        o.WriteLine($"model    {FactsText(subject.Model)}");
        if (subject.P6 is not null) o.WriteLine($"p6       {FactsText(subject.P6)}");
        o.WriteLine($"device   {subject.Device}");
        o.WriteLine($"VAL      {SplitText(val)}");
        o.WriteLine(ood is null ? "OOD      not given (--ood-npz)" : $"OOD      {SplitText(ood)}");
        o.WriteLine(subject.HasRidge ? $"ridge    fitted on {subject.RidgeSource}" : $"ridge    none: {subject.RidgeSource}");
        o.WriteLine();
        WriteOriginal(val, ood, console);
        o.WriteLine($"Gates of the original: {string.Join(", ", gates.All.Select(gate => $"{gate.Name} {Verdict(gate.Passed)}"))}");
        if (gates.All.Any(gate => gate.Passed is null)) o.WriteLine("A gate is open (?) where VAL alone was judged and passes; the original asks for OOD as well.");
        foreach (SplitResult split in ood is null ? [val] : new[] { val, ood })
        {
            WriteCorrected(split, console);
            UseReport.Write(split, console);
        }
    }

    private static string FactsText(IReadOnlyDictionary<string, string> facts) =>
        string.Join(", ", facts.Select(fact => fact.Key == "path" ? fact.Value : $"{fact.Key} {fact.Value}"));

    private static string SplitText(SplitResult split)
    {
        string articles = split.Split.Set == split.Split.Store ? "" : $", articles {split.Split.Store.Path}";
        return $"{split.Split.Set.Path}{articles}: {split.Split.Count:N0} windows";
    }

    private static void WriteOriginal(SplitResult val, SplitResult? ood, ConsoleContext console)
    {
        Table table = ConsoleContext.NewTable("original definitions", "VAL", "oracle", "OOD", "oracle");
        foreach ((string key, double value) in val.Model.Original!.Values)
        {
            table.AddRow(
                Markup.Escape(key), Text(key, value), Text(key, val.Baseline(FiveCatEvaluation.Oracle)!.Original!.Values[key]),
                ood is null ? "" : Text(key, ood.Model.Original!.Values[key]),
                ood is null ? "" : Text(key, ood.Baseline(FiveCatEvaluation.Oracle)!.Original!.Values[key]));
        }

        AddMini(table, "mini-5CAT margin", mini => mini.Margin);
        AddMini(table, "mini-5CAT R@5 (chance 0.833)", mini => mini.RecallAt5);
        console.Write(table);

        void AddMini(Table to, string name, Func<Mini5CatResult, double> value) => to.AddRow(
            name, Text(name, value(val.Model.Original!.Mini)), Text(name, value(val.Baseline(FiveCatEvaluation.Oracle)!.Original!.Mini)),
            ood is null ? "" : Text(name, value(ood.Model.Original!.Mini)),
            ood is null ? "" : Text(name, value(ood.Baseline(FiveCatEvaluation.Oracle)!.Original!.Mini)));
    }

    private static void WriteCorrected(SplitResult split, ConsoleContext console)
    {
        console.Output.WriteLine();
        console.Output.WriteLine(
            $"{split.Split.Name}: corrected definitions, {split.Choice.Corrected.Length:N0} random samples of {split.Bootstrap.Articles:N0} articles, 95 % intervals over articles");
        Table table = ConsoleContext.NewTable(["measure", split.Split.Name, "95 %", "samples", "chance", .. Baselines.Select(baseline => baseline.Title), "minus ridge, 95 %"]);
        SourceResult? ridge = split.Baseline(FiveCatEvaluation.Ridge);
        foreach (CorrectedMeasure measure in split.Model.Corrected.All)
        {
            string[] others = [.. Baselines.Select(b => split.Baseline(b.Name) is { } source ? Text(measure.Key, source.Corrected[measure.Key].Value) : "-")];
            Interval difference = ridge is null ? Interval.Unknown : split.Minus(split.Model, ridge, measure.Key)?.Interval ?? Interval.Unknown;
            table.AddRow([Markup.Escape(measure.Key), Text(measure.Key, measure.Value), Text(measure.Key, measure.Interval), $"{measure.Samples:N0}",
                double.IsNaN(measure.Chance) ? "" : $"{measure.Chance:F4}", .. others, Text("margin", difference)]);
        }

        console.Write(table);
    }

    /// <summary>An interval of a measure.</summary>
    public static string Text(string key, Interval interval) =>
        double.IsNaN(interval.Low) ? "" : $"{Text(key, interval.Low)} .. {Text(key, interval.High)}";

    /// <summary>A value of a measure: counts as they are, differences with their sign.</summary>
    public static string Text(string key, double value)
    {
        if (double.IsNaN(value)) return "-";
        if (key.EndsWith(":samples", StringComparison.Ordinal) || key.EndsWith("_n", StringComparison.Ordinal)) return value.ToString("N0");
        bool isDifference = key.StartsWith('C') || key.Contains("margin", StringComparison.Ordinal);
        // Rounded first: a tiny negative number would be printed as -+0.0000.
        return (Math.Round(value, 4) + 0.0).ToString(isDifference ? "+0.0000;-0.0000" : "F4");
    }

    private static string Verdict(bool? passed) => passed switch { true => "PASS", false => "FAIL", null => "?" };
}
