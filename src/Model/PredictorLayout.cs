namespace P6bNative.Model;

/// <summary>The parameters of a <see cref="TransformerVectorPredictor"/> under PyTorch's state-dict names, in its order.</summary>
internal static class PredictorLayout
{
    public const string InputProjection = "input_proj";
    public const string HeadHidden = "head.0";
    public const string HeadNorm = "head.2";
    public const string HeadOutput = "head.3";
    private const string LayersPrefix = "transformer_decoder.layers.";

    public static string Layer(int layer) => $"{LayersPrefix}{layer}";

    /// <summary>The name of the same parameter in layer 0; other names stay as they are.</summary>
    public static string InFirstLayer(string name) =>
        LayerOf(name) is null ? name : Layer(0) + name[name.IndexOf('.', LayersPrefix.Length)..];

    /// <summary>The layer a name belongs to, or null.</summary>
    public static int? LayerOf(string name)
    {
        if (!name.StartsWith(LayersPrefix, StringComparison.Ordinal))
            return null;
        int end = name.IndexOf('.', LayersPrefix.Length);
        return end > 0 && int.TryParse(name.AsSpan(LayersPrefix.Length..end), out int layer) && layer >= 0 ? layer : null;
    }

    public static bool IsNorm(string name) =>
        name.Contains(".norm", StringComparison.Ordinal) || name.StartsWith(HeadNorm + ".", StringComparison.Ordinal);

    public static bool IsPackedProjection(string name) => name.EndsWith(".in_proj_weight", StringComparison.Ordinal);

    /// <summary>The biases of an nn.MultiheadAttention.</summary>
    public static bool StartsAtZero(string name) =>
        name.EndsWith(".in_proj_bias", StringComparison.Ordinal) || name.EndsWith(".out_proj.bias", StringComparison.Ordinal);

    /// <summary>The weight beside a bias.</summary>
    public static string WeightOf(string bias) => bias[..^"bias".Length] + "weight";

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
