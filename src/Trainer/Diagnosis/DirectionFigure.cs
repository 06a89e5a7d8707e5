namespace P6bNative.Trainer.Diagnosis;

/// <summary>
/// One of the four quantities that the original's tools and reports all call Δ (p6b-facts 6.4), under a name that says which lags it
/// compares. A cosine is symmetric, so none of them can show an arrow of time.
/// </summary>
/// <param name="Name">What it is.</param>
/// <param name="Formula">How it is computed.</param>
/// <param name="Origin">Which tool of the original prints it as Δ.</param>
/// <param name="Mean">Mean over the windows.</param>
/// <param name="Windows">Number of windows.</param>
internal sealed record DirectionFigure(string Name, string Formula, string Origin, double Mean, long Windows)
{
    /// <summary>(a): both neighbours of ctx4 lie ahead of it.</summary>
    public static DirectionFigure Ahead(RunningMean mean) => new("lag2_minus_lag1_ahead",
        "cos(ctx4, P6 target) - cos(ctx4, skipped chunk): lag 2 - lag 1, both after ctx4", "diagnose_p6_direction.py", mean.Value, mean.Count);

    /// <summary>(b): one neighbour of ctx4 lies ahead, the other behind.</summary>
    public static DirectionFigure Across(RunningMean mean) => new("lag2_minus_lag1_across",
        "cos(ctx4, P6 target) - cos(ctx4, ctx3): lag 2 after ctx4 - lag 1 before it", "analyze_wikipedia_temporal_flow.py", mean.Value, mean.Count);

    /// <summary>(c): how far the similarity falls over the context.</summary>
    public static DirectionFigure Decline(RunningMean mean) => new("lag1_minus_lag5",
        "cos(ctx4, next chunk) - cos(ctx0, next chunk): lag 1 - lag 5", "diagnose_data_direction.py, check_split_parity.py", mean.Value, mean.Count);

    /// <summary>(d): 0 by construction in a stationary stream.</summary>
    public static DirectionFigure Balance(RunningMean mean) => new("lag1_after_minus_lag1_before",
        "cos(ctx4, next chunk) - cos(ctx4, ctx3): lag 1 after ctx4 - lag 1 before it", "narrative_delta_check.py", mean.Value, mean.Count);
}

/// <summary>Similarity of the last context to a row near the target.</summary>
/// <param name="Offset">k: the row is target + k.</param>
/// <param name="Mean">Mean cosine of ctx4 and the row.</param>
/// <param name="Windows">Number of windows: those that have all seven rows in their article.</param>
internal sealed record OffsetPoint(int Offset, double Mean, long Windows);
