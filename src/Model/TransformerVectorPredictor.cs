using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>
/// Predicts the next vector of a document from the last few: a post-norm transformer decoder whose layers attend causally to themselves
/// and to their own embedded input h0, read at the last position through a GELU head. Its weights are PyTorch's
/// (nn.TransformerDecoderLayer with batch_first, ReLU, bias), so files pass both ways.
/// </summary>
/// <remarks>
/// Only the last position of the last layer is read, so that layer computes queries, projections, norms and feed-forward for it alone,
/// and asks for all positions by <see cref="Tape.ProjectedAttention"/>.
/// </remarks>
public sealed class TransformerVectorPredictor : IVectorPredictor
{
    private readonly bool _pruneLastLayer;

    /// <summary>Describes a model; numbers live in a <see cref="ParameterSet"/>.</summary>
    /// <exception cref="ModelException">The sizes do not make a model.</exception>
    public TransformerVectorPredictor(VectorPredictorConfig config)
        : this(config, pruneLastLayer: true)
    {
    }

    internal TransformerVectorPredictor(VectorPredictorConfig config, bool pruneLastLayer)
    {
        config.Validate(ModelType.Transformer);
        Config = config;
        Layout = PredictorLayout.Create(config);
        _pruneLastLayer = pruneLastLayer;
    }

    /// <inheritdoc/>
    public VectorPredictorConfig Config { get; }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public Tensor Record(Tape tape, ParameterSet parameters, Tensor context)
    {
        Config.RequireContext(context);
        int length = Config.ContextLength;
        var layers = new Layers(tape, parameters);
        Tensor table = tape.Constant("positions", length, Config.ModelDimension, Positions.Table(length, Config.ModelDimension));
        Tensor memory = tape.AddPosition(layers.Linear(context, PredictorLayout.InputProjection), table);
        Tensor h = memory;
        for (int i = 0; i < Config.Layers; i++)
        {
            var layer = new DecoderLayer(layers, PredictorLayout.Layer(i), Config, batch: context.Rows / length);
            h = layer.Record(h, memory, lastPositionOnly: _pruneLastLayer && i == Config.Layers - 1);
        }

        if (!_pruneLastLayer)
            h = tape.TakeLast(h, length);
        h = tape.Gelu(layers.Linear(h, PredictorLayout.HeadHidden), "head.1");
        Tensor raw = layers.Linear(layers.Norm(h, PredictorLayout.HeadNorm), PredictorLayout.HeadOutput);
        return SlotSkips.Record(tape, parameters, raw, context);
    }
}
