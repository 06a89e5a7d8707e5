using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>
/// Predicts the next vector of a document from the last few: a post-norm transformer decoder whose layers attend causally to themselves
/// and to their own embedded input h0, read at the last position through a GELU head. Its weights are PyTorch's
/// (nn.TransformerDecoderLayer with batch_first, ReLU, bias), so files pass both ways.
/// </summary>
/// <remarks>
/// Only the last position of the last layer is read, so that layer computes queries, projections, norms and feed-forward for it alone;
/// keys and values are needed for all positions.
/// </remarks>
public sealed class TransformerVectorPredictor
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
        config.Validate();
        Config = config;
        Layout = PredictorLayout.Create(config);
        _pruneLastLayer = pruneLastLayer;
    }

    /// <summary>The sizes.</summary>
    public VectorPredictorConfig Config { get; }

    /// <summary>Names, shapes and places of the parameters.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Appends the forward pass to a tape; dropout is active on a training tape.</summary>
    /// <param name="tape">The tape, not sealed yet.</param>
    /// <param name="parameters">Parameters of <see cref="Layout"/>.</param>
    /// <param name="context">[B·T,D]: T = <see cref="VectorPredictorConfig.ContextLength"/> vectors per sample, oldest first.</param>
    /// <returns>raw [B,D], not normalised.</returns>
    /// <exception cref="ShapeException">The context does not have this shape.</exception>
    public Tensor Record(Tape tape, ParameterSet parameters, Tensor context)
    {
        int length = Config.ContextLength;
        if (context.Columns != Config.InputDimension || context.Rows % length != 0)
        {
            throw new ShapeException(
                $"context '{context.Name}' {context.Rows}x{context.Columns} must have {Config.InputDimension} columns "
                + $"and a multiple of {length} rows.");
        }

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
        return layers.Linear(layers.Norm(h, PredictorLayout.HeadNorm), PredictorLayout.HeadOutput);
    }
}
