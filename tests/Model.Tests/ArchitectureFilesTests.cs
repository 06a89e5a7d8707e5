using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

/// <summary>Weights files of every architecture, from here and from PyTorch, and the sizes they imply.</summary>
public sealed class ArchitectureFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ReferenceDevice _device = new();

    public static TheoryData<ModelType> Types => [.. Enum.GetValues<ModelType>()];

    private string Path => _folder["weights.safetensors"];

    public void Dispose()
    {
        _device.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_state_dict_passes_both_ways_with_sizes_and_every_bit(ModelType type)
    {
        VectorPredictorConfig config = Small(type) with { ContextLength = 4 };
        config = config.HasDropout ? config with { Dropout = 0.25f } : config;
        using ParameterSet saved = Random(config), loaded = new(_device, VectorPredictors.Create(config).Layout, training: false);
        WeightsFile.Save(Path, saved, config);
        using (SafetensorsFile file = SafetensorsFile.Open(Path))
        {
            Assert.Equal(config, VectorPredictors.Open(file).Config);
            Assert.Equal(type.Name(), file.Metadata["model_type"]);
        }

        WeightsFile.Load(Path, loaded);
        Assert.Equal(Values(saved), Values(loaded));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_state_dict_without_metadata_is_known_by_its_names(ModelType type)
    {
        VectorPredictorConfig config = Small(type);
        config = type == ModelType.Transformer ? config with { Heads = 8 } : config;
        using ParameterSet parameters = Random(config);
        Write(parameters, null);
        using SafetensorsFile file = SafetensorsFile.Open(Path);
        Assert.Equal(config, VectorPredictors.Open(file).Config);
    }

    [Fact]
    public void An_lstm_of_one_layer_has_no_dropout_whatever_its_metadata_say()
    {
        VectorPredictorConfig config = Small(ModelType.Lstm) with { Layers = 1, Dropout = 0 };
        using ParameterSet parameters = Random(config);
        Write(parameters, new() { ["model_type"] = "lstm", ["dropout"] = "0.2" });
        using SafetensorsFile file = SafetensorsFile.Open(Path);
        Assert.Equal(config, VectorPredictors.Open(file).Config);
    }

    [Theory]
    [InlineData("hierarchical_gru", "metadata 'model_type' is 'hierarchical_gru'; transformer, lstm, gru, amn are what this program has.")]
    [InlineData("gru", "there is no tensor 'input_proj.weight'.")]
    public void Metadata_of_another_architecture_are_refused(string type, string message)
    {
        using ParameterSet parameters = Random(Small(ModelType.Lstm));
        Write(parameters, new() { ["model_type"] = type });
        using SafetensorsFile file = SafetensorsFile.Open(Path);
        Assert.Equal($"{Path}: {message}", Assert.Throws<SafetensorsException>(() => VectorPredictors.Open(file)).Message);
    }

    [Fact]
    public void The_names_are_the_originals()
    {
        Assert.Equal(
            ["lstm.weight_ih_l0 [24,7]", "lstm.weight_hh_l0 [24,6]", "lstm.bias_ih_l0 [24]", "lstm.bias_hh_l0 [24]", "lstm.weight_ih_l1 [24,6]",
                "lstm.weight_hh_l1 [24,6]", "lstm.bias_ih_l1 [24]", "lstm.bias_hh_l1 [24]", "output_proj.weight [7,6]", "output_proj.bias [7]"],
            Names(ModelType.Lstm));
        Assert.Equal(
            ["input_proj.weight [6,7]", "input_proj.bias [6]", "blocks.0.gru.weight_ih_l0 [18,6]", "blocks.0.gru.weight_hh_l0 [18,6]",
                "blocks.0.gru.bias_ih_l0 [18]", "blocks.0.gru.bias_hh_l0 [18]", "blocks.0.norm.weight [6]", "blocks.0.norm.bias [6]"],
            Names(ModelType.Gru).Take(8));
        Assert.Equal(
            ["context_encoder.weight [6,7]", "context_encoder.bias [6]", "query_encoder.weight [6,7]", "query_encoder.bias [6]",
                "residual_net.0.weight [10,14]", "residual_net.0.bias [10]", "residual_net.2.weight [10]", "residual_net.2.bias [10]",
                "residual_net.3.weight [5,10]", "residual_net.3.bias [5]", "residual_net.5.weight [5]", "residual_net.5.bias [5]",
                "residual_net.6.weight [7,5]", "residual_net.6.bias [7]"],
            Names(ModelType.Amn));
    }

    public static TheoryData<VectorPredictorConfig, string> Wrong => new()
    {
        { Small(ModelType.Lstm) with { Layers = 0 }, "number of layers is 0: it must be at least 1." },
        { Small(ModelType.Lstm) with { Heads = 2 }, "number of heads is 2: lstm has no such size; it must be 0." },
        { Small(ModelType.Lstm) with { Layers = 1, Dropout = 0.2f }, "dropout is 0.2: an lstm of one layer has no place for it; it must be 0." },
        { Small(ModelType.Gru) with { FeedForward = 9 }, "feed-forward width is 9: gru has no such size; it must be 0." },
        { Small(ModelType.Amn) with { FeedForward = 9 }, "feed-forward width is 9: it must be even, since amn's second layer is half as wide." },
        { Small(ModelType.Amn) with { Dropout = 0.1f }, "dropout is 0.1: amn has no place for it; it must be 0." },
        { Small(ModelType.Amn) with { Layers = 1 }, "number of layers is 1: amn has no such size; it must be 0." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Sizes_that_make_no_model_are_named(VectorPredictorConfig config, string message) =>
        Assert.Equal(message, Assert.Throws<ModelException>(() => VectorPredictors.Create(config)).Message);

    [Fact]
    public void Sizes_of_another_architecture_are_refused() => Assert.Equal(
        "the sizes are those of gru; lstm is needed.",
        Assert.Throws<ModelException>(() => new LstmVectorPredictor(Small(ModelType.Gru))).Message);

    private static VectorPredictorConfig Small(ModelType type) => type == ModelType.Transformer
        ? TinyModel.Config with { Dropout = 0.1f }
        : ArchitectureTests.Tiny(type) with { Dropout = VectorPredictorConfig.Original(type, 7).Dropout };

    private static IEnumerable<string> Names(ModelType type) =>
        VectorPredictors.Create(Small(type)).Layout.Entries.Select(e => $"{e.Name} [{string.Join(',', e.Shape)}]");

    private ParameterSet Random(VectorPredictorConfig config)
    {
        var parameters = new ParameterSet(_device, VectorPredictors.Create(config).Layout, training: false);
        Initialization.Initialize(parameters, seed: 3);
        return parameters;
    }

    private void Write(ParameterSet parameters, Dictionary<string, string>? metadata) => SafetensorsWriter.Write(
        Path,
        [.. parameters.Layout.Entries.Select(e => SafetensorsSource.FromDevice(e.Name, e.Shape, _device, parameters.Value(e.Name)))],
        metadata);

    private float[] Values(ParameterSet parameters)
    {
        var values = new float[parameters.Values.Length];
        _device.Download(parameters.Values, values);
        return values;
    }
}
