namespace P6bNative.Model;

/// <summary>The parameters of a <see cref="TransformerVectorPredictor"/> under PyTorch's state-dict names, in its order.</summary>
internal static class PredictorLayout
{
    public const string InputProjection = "input_proj";
    public const string HeadHidden = "head.0";
    public const string HeadNorm = "head.2";
    public const string HeadOutput = "head.3";
    public const string LayersPrefix = "transformer_decoder.layers.";

    public static string Layer(int layer) => $"{LayersPrefix}{layer}";

    public static ParameterLayout Create(VectorPredictorConfig config)
    {
        int d = config.ModelDimension;
        var layout = new ParameterLayout { PositionWidth = d };
        layout.AddLinear(InputProjection, d, config.InputDimension);
        int beforeLayers = layout.Entries.Count;
        AddFirstLayer(layout, d, config.FeedForward);
        ParameterEntry[] firstLayer = [.. layout.Entries.Skip(beforeLayers)];
        for (int i = 1; i < config.Layers; i++)
        {
            foreach (ParameterEntry entry in firstLayer)
                layout.AddCopy(entry, Layer(i) + entry.Name[Layer(0).Length..]);
        }

        layout.AddLinear(HeadHidden, d, d);
        layout.AddNorm(HeadNorm, d);
        layout.AddLinear(HeadOutput, config.InputDimension, d);
        SlotSkips.AddTo(layout, config);
        return layout;
    }

    private static void AddFirstLayer(ParameterLayout layout, int d, int feedForward)
    {
        string prefix = Layer(0);
        foreach (string attention in new[] { "self_attn", "multihead_attn" })
        {
            layout.AddWeight($"{prefix}.{attention}.in_proj_weight", 3 * d, d, StartingValues.OfPackedProjection(3 * d, d));
            layout.AddVector($"{prefix}.{attention}.in_proj_bias", 3 * d, StartingValues.Zero);
            layout.AddWeight($"{prefix}.{attention}.out_proj.weight", d, d, StartingValues.OfLinear(d));
            layout.AddVector($"{prefix}.{attention}.out_proj.bias", d, StartingValues.Zero);
        }

        layout.AddLinear($"{prefix}.linear1", feedForward, d);
        layout.AddLinear($"{prefix}.linear2", d, feedForward);
        foreach (string norm in new[] { "norm1", "norm2", "norm3" })
            layout.AddNorm($"{prefix}.{norm}", d);
    }
}
