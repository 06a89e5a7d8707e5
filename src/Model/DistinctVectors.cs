using System.Runtime.InteropServices;

namespace P6bNative.Model;

/// <summary>Vectors numbered as they first come, each kept once; a vector is known by its bits.</summary>
public sealed class DistinctVectors
{
    // A few components tell almost all vectors apart; the comparison decides.
    private const int HashedComponents = 16;

    private readonly int _dimension;
    private readonly float[] _numbers;
    private readonly Dictionary<int, int> _vectorOfHash = [];
    private readonly int[] _nextOfHash;

    /// <summary>Makes room.</summary>
    /// <param name="dimension">Components of a vector D.</param>
    /// <param name="most">Most vectors.</param>
    public DistinctVectors(int dimension, int most)
    {
        _dimension = dimension;
        _numbers = new float[(long)most * dimension];
        _nextOfHash = new int[most];
    }

    /// <summary>Most vectors.</summary>
    public int Most => _nextOfHash.Length;

    /// <summary>Number of vectors.</summary>
    public int Count { get; private set; }

    /// <summary>The components of vectors [first, first + count).</summary>
    public ReadOnlySpan<float> Numbers(int first, int count) => _numbers.AsSpan(first * _dimension, count * _dimension);

    /// <summary>The number of a vector, which is kept if it is new.</summary>
    /// <param name="vector">D numbers.</param>
    /// <exception cref="ArgumentException">It is new, and there is no room.</exception>
    public int NumberOf(ReadOnlySpan<float> vector)
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(vector[..Math.Min(HashedComponents, vector.Length)]));
        int key = hash.ToHashCode(), first = _vectorOfHash.GetValueOrDefault(key, -1);
        for (int number = first; number >= 0; number = _nextOfHash[number])
        {
            if (MemoryMarshal.AsBytes(Numbers(number, 1)).SequenceEqual(MemoryMarshal.AsBytes(vector)))
                return number;
        }

        vector.CopyTo(_numbers.AsSpan(Count * _dimension));
        _nextOfHash[Count] = first;
        _vectorOfHash[key] = Count;
        return Count++;
    }

    /// <summary>Forgets all vectors.</summary>
    public void Clear()
    {
        Count = 0;
        _vectorOfHash.Clear();
    }
}
