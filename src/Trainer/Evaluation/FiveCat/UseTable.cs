namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>A line of <see cref="UseTable"/>.</summary>
/// <param name="Source">The source.</param>
/// <param name="Differences">Its <see cref="CorrectedMeasures.Use"/> minus that of each of <see cref="UseTable.References"/> but itself.</param>
internal sealed record UseRow(SourceResult Source, IReadOnlyDictionary<string, Difference> Differences);

/// <summary>
/// Whether a margin is of use: next to the cosine and the margin of every source, how well the target is found in its article, with the five
/// contexts among the rows and without them.
/// </summary>
/// <param name="split">What the split showed.</param>
internal sealed class UseTable(SplitResult split)
{
    /// <summary>Measures with a chance level.</summary>
    public static IReadOnlyList<string> Retrieval { get; } =
        ["B0:R@1", "B0:R@5", "B0:MRR", "B0:R@1(no ctx)", "B0:R@5(no ctx)", CorrectedMeasures.Use];

    /// <summary>All measures.</summary>
    public static IReadOnlyList<string> Measures { get; } = [CorrectedMeasures.Cosine, CorrectedMeasures.MarginToLast, .. Retrieval];

    /// <summary>The baselines that every source is compared with.</summary>
    public static IReadOnlyList<string> References { get; } = [FiveCatEvaluation.CopyLast, FiveCatEvaluation.Ridge];

    /// <summary>The model and the baselines but the oracle, which is always right.</summary>
    public IEnumerable<UseRow> Rows =>
        from source in split.Baselines.Prepend(split.Model)
        where source.Name != FiveCatEvaluation.Oracle
        select new UseRow(source, Differences(source));

    /// <summary>What a random order scores.</summary>
    public double Chance(string measure) => split.Model.Corrected[measure].Chance;

    private Dictionary<string, Difference> Differences(SourceResult source)
    {
        var differences = new Dictionary<string, Difference>();
        foreach (string name in References)
        {
            if (name != source.Name && split.Baseline(name) is { } reference)
                differences.Add(name, split.Minus(source, reference, CorrectedMeasures.Use)!.Value);
        }

        return differences;
    }
}
