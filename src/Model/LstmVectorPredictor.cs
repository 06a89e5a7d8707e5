using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>
/// The original's LSTMBaseline: nn.LSTM over the context, dropout between its layers, its last state through a Linear. The weights are
/// PyTorch's, so files pass both ways.
/// </summary>
public sealed class LstmVectorPredictor : IVectorPredictor
{
    internal const string Lstm = "lstm";
    private const int Gates = 4;
    private const string Output = "output_proj";

    /// <summary>Describes a model; numbers live in a <see cref="ParameterSet"/>.</summary>
    /// <param name="config">Of type <see cref="ModelType.Lstm"/>.</param>
    /// <exception cref="ModelException">The sizes do not make a model.</exception>
    public LstmVectorPredictor(VectorPredictorConfig config)
    {
        config.Validate(ModelType.Lstm);
        Config = config;
        Layout = new ParameterLayout();
        for (int layer = 0; layer < config.Layers; layer++)
            Layout.AddRecurrent(Lstm, layer, Gates, layer == 0 ? config.InputDimension : config.ModelDimension, config.ModelDimension);
        Layout.AddLinear(Output, config.InputDimension, config.ModelDimension);
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
        Tensor h = context;
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            h = layers.Lstm(h, Lstm, layer, Config.ContextLength);
            if (layer < Config.Layers - 1)
                h = tape.Dropout(h, Config.Dropout, $"{Lstm}.dropout{layer}");
        }

        Tensor raw = layers.Linear(tape.TakeLast(h, Config.ContextLength), Output);
        return SlotSkips.Record(tape, parameters, raw, context);
    }
}
