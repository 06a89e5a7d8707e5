using System.Runtime.CompilerServices;

namespace P6bNative.Kernels.Host.Simd;

/// <summary>
/// Loads and stores for loops in steps of 16 whose last step may be shorter: that one goes through a buffer of 16 floats. Choosing
/// between pointers, not between values, keeps the lanes in registers.
/// </summary>
internal static unsafe class Part
{
    /// <summary>Sixteen floats, or the <paramref name="remaining"/> ones and <paramref name="fill"/> in the other lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static L Load<L>(float* source, long remaining, float* buffer, float fill = 0)
        where L : unmanaged, ILanes16<L> => L.Load(remaining >= 16 ? source : Fill(source, remaining, buffer, fill));

    /// <summary>Writes sixteen floats, or the first <paramref name="remaining"/> ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<L>(L value, float* destination, long remaining, float* buffer)
        where L : unmanaged, ILanes16<L>
    {
        L.Store(value, remaining >= 16 ? destination : buffer);
        if (remaining < 16)
            Empty(destination, remaining, buffer);
    }

    /// <summary>Writes, or adds to what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<L>(L value, float* destination, long remaining, float* buffer, bool accumulate)
        where L : unmanaged, ILanes16<L>
    {
        if (accumulate)
            value += Load<L>(destination, remaining, buffer);
        Store(value, destination, remaining, buffer);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float* Fill(float* source, long count, float* buffer, float fill)
    {
        for (long i = 0; i < 16; i++)
            buffer[i] = i < count ? source[i] : fill;
        return buffer;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Empty(float* destination, long count, float* buffer)
    {
        for (long i = 0; i < count; i++)
            destination[i] = buffer[i];
    }
}
