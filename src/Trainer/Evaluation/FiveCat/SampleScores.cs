using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>What one model or baseline scored on the samples of a <see cref="SampleChoice"/>, in its order; NaN where a test does not look.</summary>
internal sealed class SampleScores
{
    /// <summary>Makes room.</summary>
    /// <param name="choice">The samples.</param>
    /// <param name="horizon">Steps of a rollout.</param>
    public SampleScores(SampleChoice choice, int horizon)
    {
        int count = choice.All.Length;
        Offset = Columns(2 * SampleChoice.Reach + 1, count);
        Cosine = Columns(Ablations.Count, count);
        RolloutNext = Columns(horizon, count);
        RolloutAligned = Columns(horizon, count);
        Last = Column(count);
        CrossArticle = Column(choice.Corrected.Length);
        Rank = new int[count];
        RankWithoutContexts = new int[count];
        MiniStatistics = new double[choice.Mini.Length * LossStatistics.Columns(SequenceSet.ContextLength)];
    }

    /// <summary>Cosine to the row k places after the target, k = −3 .. 3.</summary>
    public double[][] Offset { get; }

    /// <summary>Cosine to the target, for each <see cref="Ablation"/> of the context.</summary>
    public double[][] Cosine { get; }

    /// <summary>Cosine to ctx[4].</summary>
    public double[] Last { get; }

    /// <summary>Rank of the target among the rows of its article: 1 + rows that are strictly nearer.</summary>
    public int[] Rank { get; }

    /// <summary>The same, the context vectors left out.</summary>
    public int[] RankWithoutContexts { get; }

    /// <summary>Cosine of the prediction of rollout step h = 1 .. H to the row h places after the target, as the original pairs them.</summary>
    public double[][] RolloutNext { get; }

    /// <summary>Cosine of the prediction of rollout step h to the row h − 1 places after the target, which it predicts.</summary>
    public double[][] RolloutAligned { get; }

    /// <summary>Cosine to the target of the prediction from the context of a <see cref="SampleChoice.Partners"/>; one for each corrected sample.</summary>
    public double[] CrossArticle { get; }

    /// <summary>Rows of <see cref="LossStatistics"/> for mini-5CAT, with a unit output and vectors as stored.</summary>
    public double[] MiniStatistics { get; }

    private static double[][] Columns(int columns, int count) => [.. Enumerable.Range(0, columns).Select(_ => Column(count))];

    private static double[] Column(int count)
    {
        var column = new double[count];
        Array.Fill(column, double.NaN);
        return column;
    }
}
