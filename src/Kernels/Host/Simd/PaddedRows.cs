using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>
/// Rows of any length as rows of whole sixteens, so that inner loops have neither a tail nor a call (a call anywhere in a loop
/// spills every vector register). A row whose length is a multiple of 16 is used where it lies; another is copied to a slot of
/// scratch memory and back.
/// </summary>
/// <param name="scratch">Slots of <see cref="Padded"/> floats; not used when the length is a multiple of 16.</param>
/// <param name="length">Elements of a row.</param>
internal readonly unsafe struct PaddedRows(float* scratch, long length)
{
    private readonly float* _scratch = scratch;
    private readonly long _length = length;

    /// <summary>Length rounded up to a multiple of 16: what inner loops run over.</summary>
    public long Padded => PadTo16(_length);

    /// <summary>The smallest multiple of 16 that is at least <paramref name="length"/>.</summary>
    public static long PadTo16(long length) => (length + 15) & ~15L;

    /// <summary>A row to read; lanes after its end are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* In(float* row, int slot) => (_length & 15) == 0 ? row : Copy(row, slot);

    /// <summary>A row to write; it must be handed to <see cref="Commit"/> afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Out(float* row, int slot) => (_length & 15) == 0 ? row : _scratch + slot * Padded;

    /// <summary>Ends the writing of a row from <see cref="Out"/>, or the update of one from <see cref="In"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Commit(float* row, int slot)
    {
        if ((_length & 15) != 0)
            NativeMemory.Copy(_scratch + slot * Padded, row, (nuint)_length * sizeof(float));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private float* Copy(float* row, int slot)
    {
        float* copy = _scratch + slot * Padded;
        NativeMemory.Copy(row, copy, (nuint)_length * sizeof(float));
        for (long c = _length; c < Padded; c++)
            copy[c] = 0;
        return copy;
    }
}
