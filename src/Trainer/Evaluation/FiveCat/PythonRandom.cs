namespace P6bNative.Trainer.Evaluation.FiveCat;

/// <summary>
/// Python's <c>random.Random(seed)</c>, as far as <c>shuffle</c> needs it: the Mersenne Twister MT19937 (Matsumoto and Nishimura 1998), seeded
/// as CPython seeds it from an integer, so that the original's permutations come out.
/// </summary>
internal sealed class PythonRandom
{
    private const int Size = 624;
    private const int Shift = 397;

    private readonly uint[] _state = new uint[Size];
    private int _next = Size;

    /// <summary>Seeds the generator.</summary>
    /// <param name="seed">An integer below 2³², which Python takes as an array of one word.</param>
    public PythonRandom(uint seed)
    {
        Initialize(19650218);
        int i = 1;
        for (int k = 0; k < Size; k++)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1664525)) + seed;
            i = Following(i);
        }

        for (int k = 1; k < Size; k++)
        {
            _state[i] = (_state[i] ^ ((_state[i - 1] ^ (_state[i - 1] >> 30)) * 1566083941)) - (uint)i;
            i = Following(i);
        }

        _state[0] = 0x80000000;
    }

    /// <summary><c>shuffle(values)</c>: Fisher-Yates from the end, each place drawn by rejection.</summary>
    public void Shuffle(Span<int> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = Below(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    // _randbelow_with_getrandbits: as many bits as n has, drawn again until they are below n.
    private int Below(int n)
    {
        int shift = System.Numerics.BitOperations.LeadingZeroCount((uint)n);
        uint value;
        do
        {
            value = NextWord() >> shift;
        }
        while (value >= n);
        return (int)value;
    }

    private uint NextWord()
    {
        if (_next == Size) Regenerate();
        uint y = _state[_next++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9D2C5680;
        y ^= (y << 15) & 0xEFC60000;
        return y ^ (y >> 18);
    }

    private void Regenerate()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7FFFFFFF);
            _state[i] = _state[(i + Shift) % Size] ^ (y >> 1) ^ ((y & 1) * 0x9908B0DF);
        }

        _next = 0;
    }

    private void Initialize(uint seed)
    {
        _state[0] = seed;
        for (uint i = 1; i < Size; i++) _state[i] = 1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30)) + i;
    }

    private int Following(int i)
    {
        if (i + 1 < Size) return i + 1;
        _state[0] = _state[Size - 1];
        return 1;
    }
}
