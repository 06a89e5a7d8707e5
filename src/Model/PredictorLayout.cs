namespace P6bNative.Model;

/// <summary>The parameters of a <see cref="TransformerVectorPredictor"/> under PyTorch's state-dict names, in its order.</summary>
internal static class PredictorLayout
{
    public const string InputProjection = "input_proj";
    public const string HeadHidden = "head.0";
    public const string HeadNorm = "head.2";
    public const string HeadOutput = "head.3";

    public static string Layer(int layer) => $"transformer_decoder.layers.{layer}";

    public static ParameterLayout Create(VectorPredictorConfig config)
    {
        var layout = new ParameterLayout();
        int d = config.ModelDimension;
        AddLinear(layout, InputProjection, d, config.InputDimension);
        for (int i = 0; i < config.Layers; i++)
            AddLayer(layout, Layer(i), d, config.FeedForward);
        AddLinear(layout, HeadHidden, d, d);
        AddNorm(layout, HeadNorm, d);
        AddLinear(layout, HeadOutput, config.InputDimension, d);
        return layout;
    }

    private static void AddLayer(ParameterLayout layout, string prefix, int d, int feedForward)
    {
        foreach (string attention in new[] { "self_attn", "multihead_attn" })
        {
            layout.AddWeight($"{prefix}.{attention}.in_proj_weight", 3 * d, d);
            layout.AddVector($"{prefix}.{attention}.in_proj_bias", 3 * d);
            AddLinear(layout, $"{prefix}.{attention}.out_proj", d, d);
        }

        AddLinear(layout, $"{prefix}.linear1", feedForward, d);
        AddLinear(layout, $"{prefix}.linear2", d, feedForward);
        foreach (string norm in new[] { "norm1", "norm2", "norm3" })
            AddNorm(layout, $"{prefix}.{norm}", d);
    }

    private static void AddLinear(ParameterLayout layout, string name, int outputs, int inputs)
    {
        layout.AddWeight($"{name}.weight", outputs, inputs);
        layout.AddVector($"{name}.bias", outputs);
    }

    private static void AddNorm(ParameterLayout layout, string name, int length)
    {
        layout.AddVector($"{name}.weight", length);
        layout.AddVector($"{name}.bias", length);
    }
}
