using System.Numerics.Tensors;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Data;

/// <summary>
/// Corruption of the last context in training (p6b-facts 3.1, step 3): with probability p a row either gets ctx[3] copied into ctx[4]
/// (one in twenty), or ctx[4] ← normalize(ctx[4] + 0.03·N(0, I)). A function of (seed, step, row), so a resumed run repeats it.
/// </summary>
/// <param name="Probability">p in [0, 1]; 0 switches the corruption off.</param>
/// <param name="Seed">Seed of the run.</param>
public readonly record struct LastSlotNoise(float Probability, ulong Seed)
{
    /// <summary>The original's p.</summary>
    public const double DefaultProbability = 0.15;

    /// <summary>Of the corrupted rows, those that get ctx[3] in place of noise.</summary>
    public const float SwapProbability = 0.05f;

    /// <summary>Standard deviation of the noise on each component.</summary>
    public const float Sigma = 0.03f;

    private const ulong NoiseStream = 0x4E4F495345;

    /// <summary>Whether any row can be corrupted.</summary>
    public bool IsActive => Probability > 0;

    /// <summary>Corrupts, or leaves alone, the context of one row of a batch.</summary>
    /// <param name="step">Number of the training step.</param>
    /// <param name="row">Row in the batch.</param>
    /// <param name="context">5·D floats, oldest vector first.</param>
    public void Apply(long step, int row, Span<float> context)
    {
        if (!IsActive)
            return;
        ulong key = CounterRandom.Mix(CounterRandom.Mix(CounterRandom.Mix(Seed, NoiseStream), (ulong)step), (ulong)row);
        if (Uniform(CounterRandom.Mix(key, 0)) >= Probability)
            return;
        int dimension = context.Length / SequenceSet.ContextLength;
        Span<float> last = context[^dimension..];
        if (Uniform(CounterRandom.Mix(key, 1)) < SwapProbability)
        {
            context.Slice(3 * dimension, dimension).CopyTo(last);
            return;
        }
        NormalNoise.Add(last, key, firstDraw: 2, Sigma);
        float norm = TensorPrimitives.Norm<float>(last);
        TensorPrimitives.Multiply(last, 1 / Math.Max(norm, 1e-12f), last);
    }

    // 53 random bits on [0, 1).
    private static double Uniform(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
