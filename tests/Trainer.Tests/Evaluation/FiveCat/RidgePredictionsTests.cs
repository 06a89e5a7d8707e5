using P6bNative.Kernels.Devices;
using P6bNative.Trainer.Evaluation.FiveCat;
using P6bNative.Trainer.Tests.Data;

namespace P6bNative.Trainer.Tests.Evaluation.FiveCat;

public class RidgePredictionsTests
{
    private const int Dimension = 19;
    private const int Slots = 5;

    // Room for all vectors; for those of some contexts at a time; for one context.
    [Theory]
    [InlineData(40)]
    [InlineData(13)]
    [InlineData(5)]
    public void Are_the_products_with_the_weights_however_few_vectors_are_kept(int most)
    {
        var random = new Random(most);
        double[] weights = [.. Enumerable.Range(0, Slots * Dimension * Dimension).Select(_ => random.NextDouble() - 0.5)];
        float[][] vectors = RandomVectors.Unit(random, 12, Dimension).Chunk(Dimension).ToArray();
        // Vectors that differ in the last component only.
        vectors[1] = [.. vectors[0][..^1], 2];
        vectors[2] = [.. vectors[0][..^1], -2];
        using Device device = DeviceCatalog.Open("host", 2);
        using var ridge = new RidgePredictions(device, weights, Dimension, most);
        for (int call = 0; call < 3; call++)
        {
            float[] contexts = [.. random.GetItems(vectors, 30 * Slots).SelectMany(vector => vector)];
            var predictions = new float[30 * Dimension];
            Array.Fill(predictions, float.NaN);
            ridge.Predict(contexts, [], 30, predictions);
            for (int i = 0; i < predictions.Length; i++)
            {
                (int row, int output) = Math.DivRem(i, Dimension);
                double expected = 0;
                for (int input = 0; input < Slots * Dimension; input++)
                    expected += contexts[row * Slots * Dimension + input] * weights[input * Dimension + output];
                Assert.Equal(expected, predictions[i], 1e-5);
            }
        }
    }
}
