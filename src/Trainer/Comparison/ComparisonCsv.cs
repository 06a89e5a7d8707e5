using System.Text;
using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>
/// A comparison as CSV: a row for each run and epoch, a column for each measure, full precision, empty where a run folder has no number.
/// <c>pandas.read_csv(file).pivot(index="epoch", columns="run", values="val_cosine")</c> is a table of curves.
/// </summary>
internal static class ComparisonCsv
{
    public static string Text(RunComparison comparison)
    {
        var text = new StringBuilder();
        text.Append("run,mode,negative,epoch,").AppendJoin(',', Measures.All.Select(measure => measure.Key)).Append('\n');
        foreach (ComparedRun run in comparison.Runs)
        {
            string head = $"{Quoted(run.Label)},{Quoted(run.Record.Setting("mode") ?? "")},{Quoted(run.Record.Negative)}";
            foreach (RecordedEpoch epoch in run.Record.Epochs)
            {
                text.Append(head).Append(',').Append(epoch.Epoch);
                foreach (Measure measure in Measures.All)
                {
                    double value = measure.Of(run.Record, epoch);
                    text.Append(',').Append(double.IsFinite(value) ? $"{value:R}" : "");
                }

                text.Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
