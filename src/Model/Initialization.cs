using P6bNative.Kernels.Operations;

namespace P6bNative.Model;

/// <summary>
/// Starting weights as PyTorch draws them; each layout says how (<see cref="StartingValues"/>). The numbers depend on the seed alone, not on
/// the device.
/// </summary>
public static class Initialization
{
    /// <summary>Overwrites all parameters.</summary>
    /// <param name="parameters">Of any model.</param>
    /// <param name="seed">Any number.</param>
    public static void Initialize(ParameterSet parameters, ulong seed)
    {
        foreach (ParameterEntry entry in parameters.Layout.Entries)
        {
            var values = new float[entry.Length];
            if (entry.Start.Bound > 0)
                FillUniform(values, entry.Start.Bound, CounterRandom.Mix(seed, (ulong)entry.DrawnAt));
            else
                Array.Fill(values, entry.Start.Constant);
            parameters.Device.Upload(values, parameters.Value(entry.Name));
        }
    }

    /// <summary>Uniform numbers in [−bound, bound): 24 random bits each, a float's worth.</summary>
    private static void FillUniform(float[] values, double bound, ulong key)
    {
        for (int i = 0; i < values.Length; i++)
        {
            double unit = (CounterRandom.Bits((uint)i, (uint)key, (uint)(key >> 32)) >> 8) / (double)(1 << 24);
            values[i] = (float)((2 * unit - 1) * bound);
        }
    }
}
