using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What one model or baseline scored on the samples of a <see cref="SampleChoice"/>, in its order; NaN where a test does not look.</summary>
internal sealed class SampleScores
{
    /// <summary>Makes room.</summary>
    /// <param name="choice">The samples.</param>
    /// <param name="horizon">Steps of a rollout.</param>
    /// <param name="dimension">D.</param>
    public SampleScores(SampleChoice choice, int horizon, int dimension)
    {
        int count = choice.All.Length;
        Intact = new IntactScores(count);
        Cosine = [Intact.Target, .. Columns(Ablations.Count - 1, count)];
        RolloutNext = Columns(horizon, count);
        RolloutAligned = Columns(horizon, count);
        CrossArticle = Column(choice.Corrected.Length);
        MiniStatistics = new double[choice.Mini.Length * LossStatistics.Columns(SequenceSet.ContextLength)];
        Raw = new float[(long)choice.Corrected.Length * dimension];
    }

    /// <summary>Scores of the predictions from unchanged contexts.</summary>
    public IntactScores Intact { get; }

    /// <summary>Raw predictions from the unchanged contexts of the corrected samples, [samples, D].</summary>
    public float[] Raw { get; }

    /// <summary>Cosine to the target, for each <see cref="Ablation"/> of the context.</summary>
    public double[][] Cosine { get; }

    /// <summary>Cosine of the prediction of rollout step h = 1 .. H to the row h places after the target, as the original pairs them.</summary>
    public double[][] RolloutNext { get; }

    /// <summary>Cosine of the prediction of rollout step h to the row h − 1 places after the target, which it predicts.</summary>
    public double[][] RolloutAligned { get; }

    /// <summary>Cosine to the target of the prediction from the context of a <see cref="SampleChoice.Partners"/>; one for each corrected sample.</summary>
    public double[] CrossArticle { get; }

    /// <summary>Rows of <see cref="LossStatistics"/> for mini-5CAT, with a unit output and vectors as stored.</summary>
    public double[] MiniStatistics { get; }

    /// <summary>A column of NaN.</summary>
    public static double[] Column(int count)
    {
        var column = new double[count];
        Array.Fill(column, double.NaN);
        return column;
    }

    private static double[][] Columns(int columns, int count) => [.. Enumerable.Range(0, columns).Select(_ => Column(count))];
}
