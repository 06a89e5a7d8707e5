using P6bNative.Kernels.Operations;

namespace P6bNative.Trainer.Data;

/// <summary>Independent normal numbers as a function of a key and the place in the vector.</summary>
internal static class NormalNoise
{
    /// <summary>Adds noise by Box-Muller: two components from the two halves of a 64-bit draw.</summary>
    /// <param name="vector">What it is added to.</param>
    /// <param name="key">Decides the numbers, with <paramref name="firstDraw"/>.</param>
    /// <param name="firstDraw">Number of the first draw of the key; components 2i and 2i+1 use draw firstDraw + 2i.</param>
    /// <param name="sigma">Standard deviation of a component.</param>
    public static void Add(Span<float> vector, ulong key, ulong firstDraw, float sigma)
    {
        for (int i = 0; i < vector.Length; i += 2)
        {
            ulong bits = CounterRandom.Mix(key, firstDraw + (ulong)i);
            double radius = sigma * Math.Sqrt(-2 * Math.Log(((uint)bits + 0.5) / 4294967296.0));
            (double sin, double cos) = Math.SinCos(2 * Math.PI * (bits >> 32) / 4294967296.0);
            vector[i] += (float)(radius * cos);
            if (i + 1 < vector.Length)
                vector[i + 1] += (float)(radius * sin);
        }
    }
}
