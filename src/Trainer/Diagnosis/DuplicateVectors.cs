using System.Runtime.InteropServices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Diagnosis;

/// <summary>Copies one vector of many.</summary>
internal delegate void CopyVector(int row, Span<float> destination);

/// <summary>Counts vectors that occur again.</summary>
internal static class DuplicateVectors
{
    /// <summary>Vectors equal to an earlier one, by a 64-bit hash of their bits (a false one among 10⁶ vectors has a chance of 3·10⁻⁸).</summary>
    public static int Count(int rows, int dimension, CopyVector copy)
    {
        var seen = new HashSet<ulong>(rows);
        var vector = new float[dimension];
        int duplicates = 0;
        for (int row = 0; row < rows; row++)
        {
            copy(row, vector);
            ulong hash = 0;
            foreach (uint bits in MemoryMarshal.Cast<float, uint>(vector))
                hash = CounterRandom.Mix(hash, bits);
            duplicates += seen.Add(hash) ? 0 : 1;
        }
        return duplicates;
    }
}
