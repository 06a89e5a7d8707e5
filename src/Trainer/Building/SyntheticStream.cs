using System.Numerics.Tensors;
using P6bNative.Kernels.Operations;
using P6bNative.Trainer.Data;

namespace P6bNative.Trainer.Building;

/// <summary>
/// Articles of unit vectors whose mean lag cosines are given: each component follows a <see cref="LagModel"/>, and every vector is then
/// normalised. Normalising D components of correlation c leaves a mean cosine of c·(1 - (1 - c²)/(2D)) + O(1/D²); the model makes up for it.
/// A vector is a function of (seed, article, chunk) and of the chunks before it.
/// </summary>
/// <param name="Articles">Number of articles.</param>
/// <param name="Chunks">Rows of each.</param>
/// <param name="Dimension">Components of a vector.</param>
/// <param name="Lags">Mean cosines at lags 1..L.</param>
/// <param name="Seed">Another seed, other vectors.</param>
internal sealed record SyntheticStream(int Articles, int Chunks, int Dimension, IReadOnlyList<double> Lags, long Seed)
{
    private const ulong SyntheticStreamKey = 0x53594E5448;

    /// <summary>Writes the stream as an article store.</summary>
    /// <exception cref="InputException">No stream has these lag cosines, or the file cannot be written.</exception>
    public void Write(string path)
    {
        LagModel.Of(Lags);
        var model = LagModel.Of([.. Lags.Select(c => c * (1 + (1 - c * c) / (2 * Dimension)))]);
        long rowCount = (long)Articles * Chunks;
        using var file = new NpzWriter(path);
        using (NpyRowWriter rows = file.Add("vectors", rowCount, Dimension))
        {
            for (int article = 0; article < Articles; article++)
                WriteArticle(rows, model, CounterRandom.Mix(CounterRandom.Mix((ulong)Seed, SyntheticStreamKey), (ulong)article));
        }
        long[] numbers = new long[rowCount];
        for (int row = 0; row < numbers.Length; row++)
            numbers[row] = row / Chunks;
        file.AddIntegers("article_indices", [rowCount], numbers);
        for (int row = 0; row < numbers.Length; row++)
            numbers[row] = row % Chunks;
        file.AddIntegers("chunk_indices", [rowCount], numbers);
        file.AddScalar("source_dataset", "synthetic");
        file.Complete();
    }

    private void WriteArticle(NpyRowWriter rows, LagModel model, ulong key)
    {
        var topic = new float[Dimension];
        NormalNoise.Add(topic, CounterRandom.Mix(key, 0), 0, (float)Math.Sqrt(model.Floor));
        var recent = new float[model.Order + 1][];
        for (int i = 0; i < recent.Length; i++)
            recent[i] = new float[Dimension];
        var vector = new float[Dimension];
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            float[] process = recent[chunk % recent.Length];
            int known = Math.Min(chunk, model.Order);
            process.AsSpan().Clear();
            ReadOnlySpan<double> weights = model.WeightsAfter(known);
            for (int lag = 1; lag <= known; lag++)
                TensorPrimitives.MultiplyAdd(recent[(chunk - lag) % recent.Length], (float)weights[lag - 1], process, process);
            NormalNoise.Add(process, CounterRandom.Mix(key, 1 + (ulong)chunk), 0, (float)model.DeviationAfter(known));
            TensorPrimitives.MultiplyAdd(process, (float)Math.Sqrt(1 - model.Floor), topic, vector);
            TensorPrimitives.Multiply(vector, 1 / TensorPrimitives.Norm<float>(vector), vector);
            rows.Write(vector);
        }
    }
}
