namespace P6bNative.Model;

/// <summary>
/// Starts a <see cref="TransformerVectorPredictor"/> near a copy of its input: input_proj = 20·P, head.0 = 0.3·I, head.3 = 0.6/√k·Pᵀ with
/// their biases 0, where the k rows of P are principal components of the training vectors; everything else as PyTorch draws it. The path from
/// input to output then is open from the first step, which the default start takes thousands of steps to find.
/// </summary>
public static class NearCopyInitialization
{
    private const double InputScale = 20, HeadScale = 0.3, OutputScale = 0.6;

    /// <summary>Components that a model of these sizes can carry: k = min(d_model, D).</summary>
    public static int ComponentCount(VectorPredictorConfig config) => Math.Min(config.ModelDimension, config.InputDimension);

    /// <summary>Overwrites all parameters.</summary>
    /// <param name="parameters">Of a transformer.</param>
    /// <param name="config">Its sizes. Where d_model is above D, the rows of input_proj that no component is for stay as drawn, and the columns of
    /// head.3 that would read them are 0.</param>
    /// <param name="seed">Of the parameters that are drawn.</param>
    /// <param name="components">At least <see cref="ComponentCount"/> rows of D numbers: orthonormal components, most important first.</param>
    /// <exception cref="ArgumentException">There are too few components.</exception>
    public static void Initialize(ParameterSet parameters, VectorPredictorConfig config, ulong seed, ReadOnlySpan<double> components)
    {
        int count = ComponentCount(config), inputs = config.InputDimension, width = config.ModelDimension;
        if (components.Length < (long)count * inputs)
            throw new ArgumentException($"{components.Length} numbers of components; {count} rows of {inputs} are needed.", nameof(components));
        Initialization.Initialize(parameters, seed);
        var input = new float[count * inputs];
        var output = new float[inputs * width];
        for (int k = 0; k < count; k++)
        {
            for (int i = 0; i < inputs; i++)
            {
                input[k * inputs + i] = (float)(InputScale * components[k * inputs + i]);
                output[i * width + k] = (float)(OutputScale / Math.Sqrt(count) * components[k * inputs + i]);
            }
        }

        var head = new float[width * width];
        for (int i = 0; i < width; i++) head[i * width + i] = (float)HeadScale;
        Upload(PredictorLayout.InputProjection, input);
        Upload(PredictorLayout.HeadHidden, head);
        Upload(PredictorLayout.HeadOutput, output);

        void Upload(string layer, float[] weight)
        {
            parameters.Device.Upload(weight, parameters.Value($"{layer}.weight").Slice(0, weight.Length));
            parameters.Device.Upload(new float[parameters.Value($"{layer}.bias").Length], parameters.Value($"{layer}.bias"));
        }
    }
}
