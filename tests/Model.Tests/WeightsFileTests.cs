using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

public sealed class WeightsFileTests : IDisposable
{
    private static readonly VectorPredictorConfig Config = TinyModel.Config with { Dropout = 0.25f, Heads = 4 };
    private readonly TemporaryFolder _folder = new();
    private readonly HostDevice _device = new();
    private readonly ParameterSet _parameters;

    public WeightsFileTests()
    {
        _parameters = new ParameterSet(_device, new TransformerVectorPredictor(Config).Layout, training: false);
        Initialization.Initialize(_parameters, seed: 3);
    }

    private string File => _folder["model.safetensors"];

    public void Dispose()
    {
        _parameters.Dispose();
        _device.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Weights_and_sizes_come_back()
    {
        WeightsFile.Save(File, _parameters, Config, new Dictionary<string, string> { ["epoch"] = "4" });
        using (SafetensorsFile file = SafetensorsFile.Open(File))
        {
            Assert.Equal(Config, VectorPredictorConfig.FromSafetensors(file));
            Assert.Equal("4", file.Metadata["epoch"]);
        }

        using var loaded = new ParameterSet(_device, _parameters.Layout, training: false);
        WeightsFile.Load(File, loaded);
        Assert.Equal(Values(_parameters), Values(loaded));
    }

    [Fact]
    public void The_table_of_positions_is_written_as_pytorch_keeps_it()
    {
        WeightsFile.Save(File, _parameters, Config);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal([1, 100, 8], file["pos_encoder.pe"].Shape);
        var table = new float[800];
        file.Read("pos_encoder.pe", 0, table);
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], table[..8]);
        Assert.Equal(Math.Sin(99), table[99 * 8], 1e-6);
        Assert.Equal(Math.Cos(99 / Math.Sqrt(Math.Sqrt(10000))), table[99 * 8 + 3], 1e-6);
    }

    [Fact]
    public void A_state_dict_without_metadata_or_positions_has_the_default_heads()
    {
        var config = Config with { Heads = 8, Dropout = 0.1f };
        WriteWith(entry => entry, metadata: null);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Equal(config, VectorPredictorConfig.FromSafetensors(file));
        WeightsFile.Load(File, _parameters);
    }

    [Fact]
    public void Missing_and_unexpected_tensors_are_named()
    {
        WriteWith(entry => entry.Name == "head.0.bias" ? entry with { Name = "head.0.offset" } : entry);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => WeightsFile.Load(File, _parameters));
        Assert.Equal($"{File}: tensors do not match the model: missing: head.0.bias; unexpected: head.0.offset.", error.Message);
    }

    [Fact]
    public void Long_lists_are_shortened()
    {
        WriteWith(entry => entry with { Name = $"module.{entry.Name}" });
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => WeightsFile.Load(File, _parameters));
        int more = _parameters.Layout.Entries.Count - 4;
        Assert.Contains($"missing: input_proj.weight, input_proj.bias, ", error.Message);
        Assert.Contains($" and {more} more; unexpected: module.input_proj.weight, ", error.Message);
    }

    [Fact]
    public void A_wrong_shape_is_named_with_both_shapes()
    {
        WriteWith(entry => entry.Name == "head.3.weight" ? entry with { Shape = [8, 7] } : entry);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => WeightsFile.Load(File, _parameters));
        Assert.Contains("of the wrong shape: head.3.weight [8, 7] instead of [7, 8].", error.Message);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        Assert.Throws<SafetensorsException>(() => VectorPredictorConfig.FromSafetensors(file));
    }

    [Fact]
    public void Slot_skips_come_back_and_the_file_says_that_it_has_them()
    {
        VectorPredictorConfig config = Config with { SlotSkips = true };
        using var parameters = new ParameterSet(_device, new TransformerVectorPredictor(config).Layout, training: false);
        Initialization.Initialize(parameters, seed: 3);
        Assert.Equal(new float[5], Values(parameters, SlotSkips.ParameterName));
        float[] skips = [0.5f, -1, 2, -3, 4];
        _device.Upload(skips, parameters.Value(SlotSkips.ParameterName));
        WeightsFile.Save(File, parameters, config);
        using (SafetensorsFile file = SafetensorsFile.Open(File))
        {
            Assert.Equal([5], file["slot_skips"].Shape);
            Assert.Equal(config, VectorPredictorConfig.FromSafetensors(file));
        }

        using var loaded = new ParameterSet(_device, parameters.Layout, training: false);
        WeightsFile.Load(File, loaded);
        Assert.Equal(skips, Values(loaded, SlotSkips.ParameterName));
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => WeightsFile.Load(File, _parameters));
        Assert.Equal($"{File}: tensors do not match the model: unexpected: slot_skips.", error.Message);
    }

    [Fact]
    public void Weights_without_slot_skips_start_a_model_that_has_them()
    {
        WeightsFile.Save(File, _parameters, Config);
        using var parameters = new ParameterSet(_device, new TransformerVectorPredictor(Config with { SlotSkips = true }).Layout, training: false);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => WeightsFile.Load(File, parameters));
        Assert.Equal($"{File}: tensors do not match the model: missing: slot_skips.", error.Message);
        WeightsFile.Load(File, parameters, slotSkipsMayBeMissing: true);
        Assert.Equal(new float[5], Values(parameters, SlotSkips.ParameterName));
        Assert.Equal(Values(_parameters, "head.3.weight"), Values(parameters, "head.3.weight"));
    }

    [Fact]
    public void Weights_that_are_not_finite_are_refused()
    {
        _device.Upload([float.NaN], _parameters.Value("head.2.weight").Slice(6, 1));
        WeightsFile.Save(File, _parameters, Config);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => WeightsFile.Load(File, _parameters));
        Assert.Contains("tensor 'head.2.weight', element 6 is NaN", error.Message);
    }

    [Theory]
    [InlineData("nhead", "3", "heads must divide d_model")]
    [InlineData("nhead", "many", "metadata 'nhead' is 'many'; a number is needed.")]
    [InlineData("dropout", "1.5", "dropout is 1.5")]
    [InlineData("context_length", "0", "context length is 0")]
    public void Metadata_that_make_no_model_are_refused(string key, string value, string message)
    {
        WriteWith(entry => entry, new Dictionary<string, string> { [key] = value });
        using SafetensorsFile file = SafetensorsFile.Open(File);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => VectorPredictorConfig.FromSafetensors(file));
        Assert.Contains(message, error.Message);
        Assert.StartsWith(File, error.Message);
    }

    [Fact]
    public void A_file_of_another_model_is_refused()
    {
        SafetensorsWriter.Write(File, [SafetensorsSource.FromMemory("rnn.weight", [1], new float[1])]);
        using SafetensorsFile file = SafetensorsFile.Open(File);
        SafetensorsException error = Assert.Throws<SafetensorsException>(() => VectorPredictorConfig.FromSafetensors(file));
        Assert.Equal($"{File}: its tensors are not those of an architecture that this program has (transformer, lstm, gru, amn).", error.Message);
    }

    private void WriteWith(Func<SafetensorsSource, SafetensorsSource> change, Dictionary<string, string>? metadata = null) =>
        SafetensorsWriter.Write(
            File,
            [.. _parameters.Layout.Entries.Select(e => change(SafetensorsSource.FromDevice(e.Name, e.Shape, _device, _parameters.Value(e.Name))))],
            metadata);

    private float[] Values(ParameterSet parameters) => Download(parameters.Values);

    private float[] Values(ParameterSet parameters, string name) => Download(parameters.Value(name));

    private float[] Download(View view)
    {
        var values = new float[view.Length];
        _device.Download(view, values);
        return values;
    }
}
