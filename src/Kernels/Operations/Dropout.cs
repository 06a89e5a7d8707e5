using P6bNative.Kernels.Devices;

namespace P6bNative.Kernels.Operations;

/// <summary>The part of the random counter that changes with every step; shared by all dropouts of a tape.</summary>
public sealed class RandomKey
{
    /// <summary>Any number that differs from step to step, e.g. <see cref="CounterRandom.Mix"/> of seed and step.</summary>
    public ulong Value { get; set; }
}

/// <summary>
/// Dropout without a stored mask: element i is kept when CounterRandom.Bits(i, key) ≥ p·2³², and scaled by 1/(1−p).
/// The key depends on (seed, step) through <paramref name="Key"/> and on the operation through <paramref name="Site"/>.
/// </summary>
/// <param name="Probability">p in [0, 1); 0 switches dropout off.</param>
/// <param name="Key">Seed and step; may be null when <paramref name="Probability"/> is 0.</param>
/// <param name="Site">Number of the operation on its tape.</param>
public readonly record struct Dropout(float Probability, RandomKey? Key, uint Site)
{
    /// <summary>No dropout.</summary>
    public static Dropout None => default;

    /// <summary>True where elements may be dropped.</summary>
    public bool IsActive => Probability > 0;

    /// <summary>An element is kept when its random bits are at least this: ⌊p·2³²⌋.</summary>
    public uint Threshold => (uint)(Probability * 4294967296.0);

    /// <summary>Factor of a kept element: 1/(1−p).</summary>
    public float Scale => (float)(1.0 / (1.0 - Probability));

    /// <summary>The 64-bit key of this operation in the current step.</summary>
    public ulong StepKey => Key is null ? 0 : CounterRandom.Mix(Key.Value, Site);

    /// <summary>Whether element <paramref name="index"/> is kept under <paramref name="stepKey"/>; the meaning every device follows.</summary>
    public bool Keeps(uint index, ulong stepKey) => CounterRandom.Bits(index, (uint)stepKey, (uint)(stepKey >> 32)) >= Threshold;
}

/// <summary>
/// A counter-based generator: random bits are a function of position and key, so nothing is stored and every device,
/// thread count and vector width sees the same numbers.
/// </summary>
public static class CounterRandom
{
    /// <summary>Mixes a second word into a key (SplitMix64's finaliser, Steele, Lea and Flood 2014).</summary>
    public static ulong Mix(ulong key, ulong word)
    {
        ulong z = key + (word + 1) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="count"/> − 1 from the bits <see cref="Mix"/> makes of key and word; uniform up to a bias of count·2⁻⁶⁴.</summary>
    public static int Below(int count, ulong key, ulong word) => (int)Math.BigMul(Mix(key, word), (ulong)count, out _);

    /// <summary>32 random bits of element <paramref name="index"/>: a two-round multiply-xorshift hash, a key word before each round.</summary>
    public static uint Bits(uint index, uint key0, uint key1)
    {
        uint x = index + key0;
        x ^= x >> 16;
        x *= 0x7FEB352Du;
        x ^= (x >> 15) + key1;
        x *= 0x846CA68Bu;
        x ^= x >> 16;
        return x;
    }
}

public partial interface IOperations
{
    /// <summary>y = dropout(x).</summary>
    /// <param name="x">[R,C], dense.</param>
    /// <param name="y">[R,C], dense; may be the same elements as <paramref name="x"/>.</param>
    /// <param name="dropout">Element index r·C + c.</param>
    void DropoutForward(MatrixView x, MatrixView y, Dropout dropout);

    /// <summary>dX (+)= dY·mask·scale.</summary>
    /// <param name="dY">[R,C], dense.</param>
    /// <param name="dX">[R,C], dense; may be the same elements as <paramref name="dY"/>.</param>
    /// <param name="dropout">As in the forward call.</param>
    /// <param name="accumulate">Adds to <paramref name="dX"/>.</param>
    void DropoutBackward(MatrixView dY, MatrixView dX, Dropout dropout, bool accumulate);
}
