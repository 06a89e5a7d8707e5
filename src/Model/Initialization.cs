using P6bNative.Kernels.Operations;

namespace P6bNative.Model;

/// <summary>
/// Starting weights as PyTorch draws them: Linear weights and biases from U(±1/√fan_in) (Kaiming-uniform with a = √5, He et al. 2015), the
/// packed attention projections Xavier-uniform (Glorot and Bengio 2010) with zero biases, attention output biases zero, LayerNorm 1 and 0.
/// All decoder layers start as copies of the first. The numbers depend on the seed alone, not on the device.
/// </summary>
public static class Initialization
{
    /// <summary>Overwrites all parameters of a <see cref="TransformerVectorPredictor"/>.</summary>
    /// <param name="parameters">Of its layout.</param>
    /// <param name="seed">Any number.</param>
    public static void Initialize(ParameterSet parameters, ulong seed)
    {
        ParameterLayout layout = parameters.Layout;
        for (int i = 0; i < layout.Entries.Count; i++)
        {
            ParameterEntry entry = layout.Entries[i];
            ParameterEntry original = layout[PredictorLayout.InFirstLayer(entry.Name)];
            float[] values = Values(layout, original, CounterRandom.Mix(seed, (ulong)original.Offset));
            parameters.Device.Upload(values, parameters.Value(entry.Name));
        }
    }

    private static float[] Values(ParameterLayout layout, ParameterEntry entry, ulong key)
    {
        var values = new float[entry.Length];
        if (PredictorLayout.IsNorm(entry.Name))
            Array.Fill(values, entry.Name.EndsWith(".weight", StringComparison.Ordinal) ? 1f : 0f);
        else if (!PredictorLayout.StartsAtZero(entry.Name))
            FillUniform(values, Bound(layout, entry), key);
        return values;
    }

    private static double Bound(ParameterLayout layout, ParameterEntry entry)
    {
        if (PredictorLayout.IsPackedProjection(entry.Name))
            return Math.Sqrt(6.0 / (entry.Rows + entry.Columns));
        int fanIn = entry.IsVector ? layout[PredictorLayout.WeightOf(entry.Name)].Columns : entry.Columns;
        return 1 / Math.Sqrt(fanIn);
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
