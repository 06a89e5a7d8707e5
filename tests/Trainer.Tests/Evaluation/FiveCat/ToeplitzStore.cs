using P6bNative.Trainer.Data;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Evaluation.FiveCat;

/// <summary>
/// Articles whose rows have a given cosine at every lag, exactly: with T the Toeplitz matrix of the cosines and T = LLᵀ, the rows are
/// those of L. The cosines are the original's of Wikipedia (p6b-facts 2.5 and 10.1).
/// </summary>
internal static class ToeplitzStore
{
    public const int Length = 30;

    private static readonly double[] LagCosines = [1, 0.457, 0.387, 0.366, 0.353, 0.342];
    private const double Floor = 0.33;

    /// <summary>Cosine of rows that many places apart.</summary>
    public static double Cosine(int lag) => Math.Abs(lag) < LagCosines.Length ? LagCosines[Math.Abs(lag)] : Floor;

    /// <summary>The rows of an article, [Length, Length].</summary>
    public static double[] Rows()
    {
        var l = new double[Length * Length];
        for (int r = 0; r < Length; r++)
        {
            for (int c = 0; c <= r; c++)
            {
                double sum = Cosine(r - c);
                for (int k = 0; k < c; k++) sum -= l[r * Length + k] * l[c * Length + k];
                l[r * Length + c] = r == c ? Math.Sqrt(sum) : sum / l[c * Length + c];
            }
        }

        return l;
    }

    /// <summary>A unit vector with the same cosine to every row, the lower triangle solved from the top: a prediction that only blurs.</summary>
    public static double[] Blur()
    {
        double[] rows = Rows(), x = new double[Length];
        for (int r = 0; r < Length; r++)
        {
            double sum = 1;
            for (int c = 0; c < r; c++) sum -= rows[r * Length + c] * x[c];
            x[r] = sum / rows[r * Length + r];
        }

        double norm = Math.Sqrt(x.Sum(v => v * v));
        return [.. x.Select(v => v / norm)];
    }

    /// <summary>Writes a store of such articles and opens it.</summary>
    public static ArticleStore Write(string path, int articles)
    {
        float[] rows = [.. Rows().Select(v => (float)v)];
        new NpzBuilder()
            .Floats("vectors", [.. Enumerable.Repeat(rows, articles).SelectMany(r => r)], articles * Length, Length)
            .Integers("article_indices", [.. Enumerable.Range(0, articles * Length).Select(i => (long)(i / Length))])
            .Integers("chunk_indices", [.. Enumerable.Range(0, articles * Length).Select(i => (long)(i % Length))])
            .Write(path);
        return ArticleStore.Open(path);
    }
}
