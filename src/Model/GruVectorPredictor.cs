using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>
/// The original's GRUStack: a Linear, blocks h = LayerNorm(h + dropout(nn.GRU(h))), the last position through a Linear. The weights are
/// PyTorch's, so files pass both ways.
/// </summary>
public sealed class GruVectorPredictor : IVectorPredictor
{
    internal const string Blocks = "blocks.";
    internal const string Input = "input_proj";
    private const int Gates = 3;
    private const string Output = "output_proj";

    /// <summary>Describes a model; numbers live in a <see cref="ParameterSet"/>.</summary>
    /// <param name="config">Of type <see cref="ModelType.Gru"/>.</param>
    /// <exception cref="ModelException">The sizes do not make a model.</exception>
    public GruVectorPredictor(VectorPredictorConfig config)
    {
        config.Validate(ModelType.Gru);
        Config = config;
        Layout = new ParameterLayout();
        Layout.AddLinear(Input, config.ModelDimension, config.InputDimension);
        for (int block = 0; block < config.Layers; block++)
        {
            Layout.AddRecurrent(Gru(block), 0, Gates, config.ModelDimension, config.ModelDimension);
            Layout.AddNorm(Norm(block), config.ModelDimension);
        }

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
        int length = Config.ContextLength;
        var layers = new Layers(tape, parameters);
        Tensor h = layers.Linear(context, Input);
        for (int block = 0; block < Config.Layers; block++)
        {
            Tensor change = layers.Gru(h, Gru(block), 0, length);
            if (block == Config.Layers - 1)
            {
                // Only the last position is read from here on.
                change = tape.TakeLast(change, length, $"{Gru(block)}.last");
                h = tape.TakeLast(h, length, $"{Blocks}{block}.last");
            }

            h = layers.ResidualNorm(change, h, Config.Dropout, Norm(block));
        }

        return SlotSkips.Record(tape, parameters, layers.Linear(h, Output), context);
    }

    internal static string Gru(int block) => $"{Blocks}{block}.gru";

    private static string Norm(int block) => $"{Blocks}{block}.norm";
}
