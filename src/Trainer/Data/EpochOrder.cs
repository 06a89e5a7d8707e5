using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Data;

/// <summary>
/// The order of the training sequences in each epoch, a function of (seed, epoch) and nothing else: a run resumed in the middle of an
/// epoch sees the rest of it as it would have been.
/// </summary>
public sealed class EpochOrder
{
    /// <summary>Keeps the numbers of the random split apart from those of the epochs.</summary>
    internal const ulong SplitStream = 0x53504C4954;

    private const ulong ShuffleStream = 0x5348554646;

    private readonly ReadOnlyMemory<int> _sequences;
    private readonly ulong _key;
    private readonly bool _shuffle;

    /// <summary>Orders sequences.</summary>
    /// <param name="sequences">The sequences of an epoch, in file order.</param>
    /// <param name="seed">Seed of the run.</param>
    /// <param name="shuffle">False keeps file order in every epoch.</param>
    public EpochOrder(ReadOnlyMemory<int> sequences, ulong seed, bool shuffle)
    {
        _sequences = sequences;
        _key = CounterRandom.Mix(seed, ShuffleStream);
        _shuffle = shuffle;
    }

    /// <summary>Sequences of an epoch.</summary>
    public int Count => _sequences.Length;

    /// <summary>Writes the order of an epoch: a Fisher-Yates shuffle whose draw i is a function of (seed, epoch, i).</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="destination"><see cref="Count"/> numbers.</param>
    public void Fill(int epoch, Span<int> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        _sequences.Span.CopyTo(destination);
        if (!_shuffle)
            return;
        ulong key = CounterRandom.Mix(_key, (ulong)epoch);
        for (int i = Count - 1; i > 0; i--)
        {
            int j = CounterRandom.Below(i + 1, key, (ulong)i);
            (destination[i], destination[j]) = (destination[j], destination[i]);
        }
    }
}
