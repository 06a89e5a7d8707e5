using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Training;

/// <summary>Independent random streams of one seed, so that for instance the order of the data says nothing about dropout.</summary>
internal static class RandomStreams
{
    private const ulong InitializationStream = 1, SplitStream = 2, OrderStream = 3, NoiseStream = 4, DropoutStream = 5, NegativesStream = 6;

    public static ulong Initialization(long seed) => CounterRandom.Mix((ulong)seed, InitializationStream);

    public static ulong Split(long seed) => CounterRandom.Mix((ulong)seed, SplitStream);

    public static ulong Order(long seed) => CounterRandom.Mix((ulong)seed, OrderStream);

    public static ulong Noise(long seed) => CounterRandom.Mix((ulong)seed, NoiseStream);

    public static ulong Dropout(long seed) => CounterRandom.Mix((ulong)seed, DropoutStream);

    public static ulong Negatives(long seed) => CounterRandom.Mix((ulong)seed, NegativesStream);
}
