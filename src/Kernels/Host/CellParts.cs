using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Host;

/// <summary>The columns of a recurrent cell behind its last whole sixteen, copied to where a vector of each part fits, and back.</summary>
/// <param name="width">Columns H of a part.</param>
/// <param name="from">First of these columns.</param>
internal readonly unsafe struct CellParts(long width, long from)
{
    private readonly nuint _bytes = (nuint)(width - from) * sizeof(float);

    /// <summary>Copies them from a row of parts, H apart, to parts 16 apart; null stays null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public float* In(float* row, float* tail, int parts)
    {
        if (row == null)
            return null;
        for (int p = 0; p < parts; p++)
            NativeMemory.Copy(row + p * width + from, tail + 16 * p, _bytes);
        return tail;
    }

    /// <summary>Copies them back.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Out(float* tail, float* row, int parts)
    {
        for (int p = 0; p < parts; p++)
            NativeMemory.Copy(tail + 16 * p, row + p * width + from, _bytes);
    }
}
