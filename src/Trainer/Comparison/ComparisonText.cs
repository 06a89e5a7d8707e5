using P6bNative.Trainer.Commands;
using P6bNative.Trainer.Telemetry;
using Spectre.Console;

namespace P6bNative.Trainer.Comparison;

/// <summary>Prints a comparison for people, within 120 columns for up to six runs; more runs continue in further tables.</summary>
internal static class ComparisonText
{
    private const int Width = 120;
    private const int RunsAcross = 6;

    // Blanks before a column but for the first, and those of the border on both sides.
    private const int Gap = 2;
    private const int Border = 4;

    public static void Write(RunComparison comparison, ConsoleContext console)
    {
        WriteRuns(comparison, console);
        foreach (ComparedRun[] runs in comparison.Runs.Chunk(RunsAcross))
        {
            int[] indices = [.. runs.Select(run => comparison.Runs.ToList().IndexOf(run))];
            if (comparison.Runs.Count > 1) WriteSettings(comparison, runs, indices, console);
            WriteEnds(runs, console);
        }

        WriteForecasts(comparison, console);
        WriteEpochs(comparison, console);
    }

    /// <summary>A row for each stage of the runs that have a forecast: what it said, and the last epoch of the stage so far.</summary>
    private static void WriteForecasts(RunComparison comparison, ConsoleContext console)
    {
        string[][] rows =
        [
            .. comparison.Runs.SelectMany(run => StageOutcome.Of(run.Record).Select((stage, i) => (string[])[
                run.Label, $"{i + 1}", stage.LastEpoch is { } epoch ? $"{epoch.Epoch}" : NumberText.None,
                stage.Forecast.Collapses ? "collapses" : NumberText.Of(stage.Forecast.Cosine, NumberStyle.Cosine),
                NumberText.Of(stage.Cosine, NumberStyle.Cosine), NumberText.Of(stage.Forecast.Margin, NumberStyle.Difference),
                NumberText.Of(stage.Margin, NumberStyle.Difference), NumberText.Of(stage.Subtraction, NumberStyle.Cosine)])),
        ];
        if (rows.Length == 0) return;
        console.Output.WriteLine("forecast.json beside the last epoch of each stage: val cosine, and val margin against the run's own negative");
        string[] heads = ["run", "stage", "epoch", "cosine: forecast", "measured", "margin: forecast", "measured", "ridge - a*neg there"];
        int[] widths = [.. heads.Select((head, i) => rows.Max(row => Math.Max(head.Length, row[i].Length)))];
        widths[0] = Math.Min(widths[0], Width - Border - widths[1..].Sum(width => width + Gap));
        Table table = Sized(heads, widths);
        foreach (string[] row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
        console.Output.WriteLine("ridge - a*neg there: the cosine that subtracting a share of the negative from the forecast's predictor has at the measured margin");
        console.Output.WriteLine();
    }

    private static void WriteRuns(RunComparison comparison, ConsoleContext console)
    {
        Table table = Sized(["run", "mode", "negative", "best epoch", "state"], [24, 12, 8, 10, 54], leftAligned: true);
        foreach (ComparedRun run in comparison.Runs)
        {
            table.AddRow(
                Markup.Escape(run.Label), Markup.Escape(run.Record.Setting("mode") ?? NumberText.None), run.Record.Negative,
                run.Best is { } best ? $"{best.Epoch}" : NumberText.None, Markup.Escape(run.Progress));
        }

        console.Write(table);
        foreach (string warning in comparison.Warnings) console.Output.WriteLine($"WARNING  {warning}");
    }

    private static void WriteSettings(RunComparison comparison, ComparedRun[] runs, int[] indices, ConsoleContext console)
    {
        if (comparison.Settings.Count == 0)
        {
            console.Output.WriteLine("Settings: the same in all runs.");
            return;
        }

        console.Output.WriteLine("Settings that differ (below 'mode' its constants; a list is a value per stage or rule)");
        string[][] rows = [.. comparison.Settings.Where(IsShown).Select(setting => (string[])[
            setting.Key.Replace("mode_constants.", ""), .. indices.Select(i => Shown(setting.Key, setting.Values[i]))])];
        if (rows.Length > 0) WriteTable("setting", runs, rows, console);

        // Data of one name in two folders are the same, or a warning names both in full.
        static bool IsShown(SettingDifference setting) =>
            setting.Key is not ("data" or "val") || setting.Values.Select(value => Shown(setting.Key, value)).Distinct().Count() > 1;

        static string Shown(string key, string? value) => value is null ? NumberText.None : key switch
        {
            "data" or "val" => Path.GetFileName(value),
            "init" => string.Join('/', value.Split(Path.DirectorySeparatorChar).TakeLast(2)),
            _ => value,
        };
    }

    private static void WriteEnds(ComparedRun[] runs, ConsoleContext console)
    {
        if (runs.All(run => run.Last is null)) return;
        string by = string.Join(" or ", runs.Select(run => run.Record.BestBy).Distinct());
        bool same = runs.All(run => run.Best is null || run.Best == run.Last);
        if (!same)
        {
            console.Output.WriteLine($"At the best epoch ({by}; best.safetensors)");
            WriteTable("measure", runs, EndRows(runs, run => run.Best), console);
        }

        console.Output.WriteLine(same ? $"At the last epoch, which is the best ({by})" : "At the last epoch (last.safetensors)");
        WriteTable("measure", runs, EndRows(runs, run => run.Last), console);

        console.Output.WriteLine("Over all finished epochs");
        WriteTable("total", runs, TotalRows(runs), console);

        WriteEvaluations(runs, console);
    }

    private static void WriteEvaluations(ComparedRun[] runs, ConsoleContext console)
    {
        IReadOnlyDictionary<string, EvaluationFigure>[] figures = [.. runs.Select(run => EvaluationFigures.Of(run.Record))];
        string[] names = [.. figures.SelectMany(of => of.Keys).Distinct()];
        string[][] rows = [.. names.Select(name => (string[])[
            name, .. figures.Select(of => of.TryGetValue(name, out EvaluationFigure figure) ? figure.Text : NumberText.None)])];
        if (names.Length == 0) return;
        console.Output.WriteLine("evaluation.json of the run folder, whose 'definitions' say what each is (95 % interval over articles)");
        WriteTable("figure", runs, [["weights", .. runs.Select(run => EvaluationFigures.Weights(run.Record) ?? NumberText.None)], .. rows], console);
    }

    private static string[][] EndRows(ComparedRun[] runs, Func<ComparedRun, RecordedEpoch?> end) =>
    [
        ["epoch", .. runs.Select(run => end(run) is { } epoch ? $"{epoch.Epoch}" : NumberText.None)],
        .. Measures.All.Where(measure => measure.InText && IsRecorded(measure, runs)).Select(measure => (string[])[
            measure.Title,
            .. runs.Select(run => end(run) is { } epoch ? NumberText.Of(measure.Of(run.Record, epoch), measure.Style) : NumberText.None)]),
    ];

    private static string[][] TotalRows(ComparedRun[] runs) =>
    [
        .. ComparedRun.Summed.Select(key => Measures.All.First(measure => measure.Key == key)).Where(measure => IsRecorded(measure, runs))
            .Select(measure => (string[])[measure.Title, .. runs.Select(run => NumberText.Of(run.Total(measure.Key), measure.Style))]),
        ["skipped, share", .. runs.Select(run => NumberText.Of(run.Total("skips") / run.Total("steps"), NumberStyle.Percent))],
    ];

    /// <summary>A table a stretch of epochs: under each measure a row for every run.</summary>
    private static void WriteEpochs(RunComparison comparison, ConsoleContext console)
    {
        IReadOnlyList<ComparedRun> runs = comparison.Runs;
        int[] epochs = [.. runs.SelectMany(run => run.Record.Epochs.Select(epoch => epoch.Epoch)).Distinct().Order()];
        Measure[] recorded = [.. Measures.All.Where(measure => measure.InText && IsRecorded(measure, runs))];
        Measure[] always0 = [.. recorded.Where(measure => Values(measure, runs).All(value => value == 0))];
        int first = recorded.Select(measure => measure.Title.Length).Concat(runs.Select(run => run.Label.Length + 2)).DefaultIfEmpty(0).Max();
        first = Math.Min(first, Width / 3);
        int cell = Cells(runs, recorded).Select(text => text.Length).DefaultIfEmpty(1).Max();
        int across = Math.Max(1, (Width - first - Border) / (cell + Gap));
        foreach (int[] some in epochs.Chunk(across))
        {
            console.Output.WriteLine("Per epoch");
            Table table = Sized(["epoch", .. some.Select(epoch => $"{epoch}")], [first, .. some.Select(_ => cell)]);
            foreach (Measure measure in recorded.Except(always0))
            {
                table.AddRow([Markup.Escape(measure.Title), .. some.Select(_ => "")]);
                foreach (ComparedRun run in runs)
                    table.AddRow([Markup.Escape($"  {run.Label}"), .. some.Select(epoch => Cell(run, measure, epoch))]);
            }

            console.Write(table);
        }

        foreach (Measure measure in recorded) console.Output.WriteLine($"{measure.Title}: {measure.Definition}");
        if (always0.Length > 0) console.Output.WriteLine($"0 in every epoch of every run: {Titles(always0)}");
        Measure[] missing = [.. Measures.All.Where(measure => measure.InText && !IsRecorded(measure, runs))];
        if (epochs.Length > 0 && missing.Length > 0) console.Output.WriteLine($"Recorded by none of these runs: {Titles(missing)}");

        static string Titles(Measure[] measures) => string.Join("; ", measures.Select(measure => measure.Title));
    }

    private static IEnumerable<string> Cells(IReadOnlyList<ComparedRun> runs, Measure[] measures) =>
        measures.SelectMany(measure => Values(measure, runs).Select(value => NumberText.Of(value, measure.Style)));

    private static string Cell(ComparedRun run, Measure measure, int epoch) =>
        run.Record.Epochs.FirstOrDefault(candidate => candidate.Epoch == epoch) is { } record
            ? NumberText.Of(measure.Of(run.Record, record), measure.Style)
            : NumberText.None;

    private static IEnumerable<double> Values(Measure measure, IEnumerable<ComparedRun> runs) =>
        runs.SelectMany(run => run.Record.Epochs.Select(epoch => measure.Of(run.Record, epoch))).Where(double.IsFinite);

    private static bool IsRecorded(Measure measure, IEnumerable<ComparedRun> runs) => Values(measure, runs).Any();

    /// <summary>A row a thing, a column a run; long cells continue on the next line.</summary>
    private static void WriteTable(string head, ComparedRun[] runs, string[][] rows, ConsoleContext console)
    {
        int first = rows.Select(row => row[0].Length).Append(head.Length).Max();
        int most = (Width - first - Border) / runs.Length - Gap;
        int[] widths = [first, .. runs.Select((run, i) => Math.Min(most, Math.Max(run.Label.Length, rows.Max(row => row[i + 1].Length))))];
        Table table = Sized([head, .. runs.Select(run => run.Label)], widths);
        foreach (string[] row in rows) table.AddRow([.. row.Select(Markup.Escape)]);
        console.Write(table);
    }

    private static Table Sized(string[] heads, int[] widths, bool leftAligned = false)
    {
        var table = new Table();
        for (int i = 0; i < heads.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(heads[i])) { Width = widths[i], Padding = new Padding(i == 0 ? 0 : Gap - 1, 0, 0, 0) };
            table.AddColumn(i == 0 || leftAligned ? column : column.RightAligned());
        }

        return table;
    }
}
