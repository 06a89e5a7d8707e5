using P6bNative.Trainer.Evaluation.FiveCat;
using Spectre.Console;

namespace P6bNative.Trainer.Commands;

/// <summary>What <c>evaluate</c> tells people of the use of a margin, and of what a correction without training reaches at the same one.</summary>
internal static class UseReport
{
    private const string Signed = "margin";

    public static void Write(SplitResult split, ConsoleContext console)
    {
        var use = new UseTable(split);
        console.Output.WriteLine();
        console.Output.WriteLine(
            $"{split.Split.Name}: use. Rank of the target among the rows of its article; w/o: its five contexts left out; minus: differences of MRR w/o, 95 %");
        Table table = ConsoleContext.NewTable(
            ["", "cosine", "margin", "R@1", "R@5", "MRR", "R@1 w/o", "R@5 w/o", "MRR w/o", .. UseTable.References.Select(name => $"minus {Spaced(name)}")]);
        foreach (UseRow row in use.Rows)
        {
            string[] values = [.. UseTable.Measures.Select(measure => EvaluationReport.Text(measure, row.Source.Corrected[measure].Value))];
            string[] differences = [.. UseTable.References.Select(
                name => row.Differences.TryGetValue(name, out Difference difference) ? EvaluationReport.Text(Signed, difference.Interval) : "")];
            table.AddRow([Markup.Escape(row.Source.PostHoc?.Formula ?? Spaced(row.Source.Name)), .. values, .. differences]);
        }

        table.AddRow(["chance", "", "", .. UseTable.Retrieval.Select(measure => $"{use.Chance(measure):F4}"), .. UseTable.References.Select(_ => "")]);
        console.Write(table);
        foreach (MarginMatch match in split.Matches) console.Output.WriteLine(AtTheMarginOfTheModel(split, match));
    }

    private static string AtTheMarginOfTheModel(SplitResult split, MarginMatch match)
    {
        string margin = EvaluationReport.Text(Signed, split.Model.Corrected[CorrectedMeasures.MarginToLast].Value);
        string start = $"At the model's own margin ({margin}): ";
        if (split.Baseline(match.Name) is not { } baseline)
        {
            return $"{start}{match.Of} - a*ctx4 has it for no a in {MarginCurve.LowestAlpha} .. {MarginCurve.HighestAlpha} "
                + $"({EvaluationReport.Text(Signed, match.LowestMargin)} .. {EvaluationReport.Text(Signed, match.HighestMargin)}).";
        }

        Difference difference = split.Minus(split.Model, baseline, CorrectedMeasures.Cosine)!.Value;
        return $"{start}{baseline.PostHoc!.Formula} has cosine {baseline.Corrected[CorrectedMeasures.Cosine].Value:F4}; the model minus that is "
            + $"{EvaluationReport.Text(Signed, difference.Value)}, 95 % {EvaluationReport.Text(Signed, difference.Interval)}.";
    }

    private static string Spaced(string name) => name.Replace('_', ' ');
}
