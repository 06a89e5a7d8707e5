using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>
/// The original's AttentionMixtureNetwork: the mean of the context, plus what a small network makes of that mean and of an attention-weighted
/// mixture of the context. The weights are PyTorch's, so files pass both ways.
/// </summary>
public sealed class AmnVectorPredictor : IVectorPredictor
{
    internal const string Keys = "context_encoder";
    internal const string Hidden = "residual_net.0";
    private const string Queries = "query_encoder";
    private const string HiddenNorm = "residual_net.2";
    private const string Narrow = "residual_net.3";
    private const string NarrowNorm = "residual_net.5";
    private const string Output = "residual_net.6";

    /// <summary>Describes a model; numbers live in a <see cref="ParameterSet"/>.</summary>
    /// <param name="config">Of type <see cref="ModelType.Amn"/>.</param>
    /// <exception cref="ModelException">The sizes do not make a model.</exception>
    public AmnVectorPredictor(VectorPredictorConfig config)
    {
        config.Validate(ModelType.Amn);
        Config = config;
        int narrow = config.FeedForward / 2;
        Layout = new ParameterLayout();
        Layout.AddLinear(Keys, config.ModelDimension, config.InputDimension);
        Layout.AddLinear(Queries, config.ModelDimension, config.InputDimension);
        Layout.AddLinear(Hidden, config.FeedForward, 2 * config.InputDimension);
        Layout.AddNorm(HiddenNorm, config.FeedForward);
        Layout.AddLinear(Narrow, narrow, config.FeedForward);
        Layout.AddNorm(NarrowNorm, narrow);
        Layout.AddLinear(Output, config.InputDimension, narrow);
        SlotSkips.AddTo(Layout, config);
    }

    /// <inheritdoc/>
    public VectorPredictorConfig Config { get; }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public Tensor Record(Tape tape, ParameterSet parameters, Tensor context)
    {
        Config.RequireContext(context);
        var layers = new Layers(tape, parameters);
        Tensor mean = tape.SlotMean(context, Config.ContextLength);
        Tensor h = tape.SlotMixture(layers.Linear(mean, Queries), layers.Linear(context, Keys), context);
        h = layers.Norm(tape.Gelu(layers.Linear(h, Hidden), "residual_net.1"), HiddenNorm);
        h = layers.Norm(tape.Gelu(layers.Linear(h, Narrow), "residual_net.4"), NarrowNorm);

        // With a table as long as the batch, adding positions is a plain sum with data.
        Tensor raw = tape.AddPosition(layers.Linear(h, Output), mean, "raw");
        return SlotSkips.Record(tape, parameters, raw, context);
    }
}
