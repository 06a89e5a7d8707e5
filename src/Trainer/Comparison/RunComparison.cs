using P6bNative.Trainer.Telemetry;

namespace P6bNative.Trainer.Comparison;

/// <summary>A run among others.</summary>
/// <param name="Label">The shortest end of its path that no other run has.</param>
/// <param name="Record">What its folder says.</param>
internal sealed record ComparedRun(string Label, RunRecord Record)
{
    /// <summary>The last finished epoch.</summary>
    public RecordedEpoch? Last => Record.Epochs.Count > 0 ? Record.Epochs[^1] : null;

    /// <summary>The epoch of lowest validation loss, or of the best ranks where the mode chooses by them.</summary>
    public RecordedEpoch? Best => Record.Best;

    /// <summary>How far the run is, in words.</summary>
    public string Progress
    {
        get
        {
            string position = $"{Record.Epochs.Count} of {Record.Setting("epochs") ?? "?"} epochs, step {Record.LastStep:N0}";
            return Record.StoppedBy is null ? position : $"{position}, STOPPED at {Record.StoppedBy}";
        }
    }

    /// <summary>The measures whose sum over the epochs says something.</summary>
    public static IReadOnlyList<string> Summed { get; } = ["steps", "skips", "rescales", "gradient_caps", "negative_cosines", "seconds"];

    /// <summary>The sum of one of <see cref="Summed"/> over the epochs; NaN where none has it.</summary>
    public double Total(string key)
    {
        Measure measure = Measures.All.First(m => m.Key == key);
        double[] values = [.. Record.Epochs.Select(epoch => measure.Of(Record, epoch)).Where(double.IsFinite)];
        return values.Length > 0 ? values.Sum() : double.NaN;
    }
}

/// <summary>Runs side by side.</summary>
/// <param name="Runs">In the order they were named.</param>
/// <param name="Settings">Those that differ.</param>
/// <param name="Warnings">Why numbers must not be held side by side; empty where they may.</param>
internal sealed record RunComparison(
    IReadOnlyList<ComparedRun> Runs, IReadOnlyList<SettingDifference> Settings, IReadOnlyList<string> Warnings)
{
    /// <summary>Reads the folders and finds what differs.</summary>
    /// <exception cref="InputException">A folder holds no run, is damaged or named twice.</exception>
    public static RunComparison Of(IReadOnlyList<string> folders)
    {
        RunRecord[] records = [.. folders.Select(RunReader.Read)];
        if (records.GroupBy(record => record.Path).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InputException($"{twice.Key}: named twice; name each run once.");
        string[] labels = Labels([.. records.Select(record => record.Path)]);
        var warnings = new List<string>();
        for (int i = 1; i < records.Length; i++)
        {
            (RunRecord a, RunRecord b) = (records[0], records[i]);
            foreach (string difference in SameData.Differences(a, b))
                warnings.Add($"{labels[0]} and {labels[i]} are NOT comparable, they were judged on other windows: {difference}");
            if (a.Setting("batch_size") != b.Setting("batch_size"))
            {
                warnings.Add(
                    $"{labels[0]} and {labels[i]}: their mini-5CATs are NOT comparable, 10 batches of {a.Setting("batch_size")} "
                    + $"and of {b.Setting("batch_size")} windows");
            }
        }

        warnings.AddRange(records.Select(record => record.ForecastProblem).OfType<string>());
        ComparedRun[] runs = [.. records.Zip(labels, (record, label) => new ComparedRun(label, record))];
        return new RunComparison(runs, SettingDifferences.Of(records), warnings);
    }

    private static string[] Labels(string[] paths)
    {
        string[][] parts = [.. paths.Select(path => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))];
        for (int length = 1; ; length++)
        {
            string[] labels = [.. parts.Select(part => string.Join('/', part[Math.Max(0, part.Length - length)..]))];
            if (labels.Distinct().Count() == labels.Length) return labels;
        }
    }
}
