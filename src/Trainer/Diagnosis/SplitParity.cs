namespace P6bNative.Trainer.Diagnosis;

/// <summary>One statistic of two files side by side.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Formula">How it is computed; means over all sequences.</param>
/// <param name="Train">In the training file.</param>
/// <param name="Other">In the other file.</param>
/// <param name="Tolerance">They match when they differ by less.</param>
internal sealed record ParityFigure(string Name, string Formula, double Train, double Other, double Tolerance)
{
    public double Difference => Math.Abs(Train - Other);

    public bool Matches => Difference < Tolerance;
}

/// <summary>Whether a file is like the training file: the statistics and tolerances of the original's check_split_parity.py (p6b-facts 9).</summary>
/// <param name="Role"><c>val</c> or <c>ood</c>.</param>
/// <param name="TrainPath">The training file.</param>
/// <param name="Path">The other file.</param>
/// <param name="Figures">The statistics.</param>
internal sealed record SplitParity(string Role, string TrainPath, string Path, IReadOnlyList<ParityFigure> Figures)
{
    public bool Matches => Figures.All(figure => figure.Matches);

    public static SplitParity Of(string role, string trainPath, SequenceCosines train, string path, SequenceCosines other) => new(role, trainPath, path,
    [
        new("ctx4_to_target", "cos(ctx4, target)", train.LastToTarget, other.LastToTarget, 0.02),
        new("ctx4_minus_ctx0", "cos(ctx4, target) - cos(ctx0, target)", train.LastMinusFirst, other.LastMinusFirst, 0.01),
        new("ctx3_minus_target", "cos(ctx4, ctx3) - cos(ctx4, target)", train.BeforeMinusTarget, other.BeforeMinusTarget, 0.01),
        new("share_ctx4_closer", "share of sequences with cos(ctx4, target) > cos(ctx0, target)", train.ShareLastCloser, other.ShareLastCloser, 0.05),
    ]);
}
