using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

public sealed class InitializationTests : IDisposable
{
    private static readonly VectorPredictorConfig Config = new()
    {
        InputDimension = 96,
        ModelDimension = 64,
        Heads = 4,
        Layers = 3,
        FeedForward = 128,
    };

    private readonly ReferenceDevice _device = new();
    private readonly ParameterSet _parameters;

    public InitializationTests()
    {
        _parameters = new ParameterSet(_device, new TransformerVectorPredictor(Config).Layout);
        Initialization.Initialize(_parameters, seed: 42);
    }

    public void Dispose()
    {
        _parameters.Dispose();
        _device.Dispose();
    }

    [Theory]
    [InlineData("input_proj.weight", 96)]
    [InlineData("input_proj.bias", 96)]
    [InlineData("transformer_decoder.layers.0.self_attn.out_proj.weight", 64)]
    [InlineData("transformer_decoder.layers.1.linear1.weight", 64)]
    [InlineData("transformer_decoder.layers.1.linear1.bias", 64)]
    [InlineData("transformer_decoder.layers.2.linear2.weight", 128)]
    [InlineData("transformer_decoder.layers.2.linear2.bias", 128)]
    [InlineData("head.0.weight", 64)]
    [InlineData("head.3.weight", 64)]
    [InlineData("head.3.bias", 64)]
    public void Linear_layers_are_uniform_within_one_over_the_root_of_fan_in(string name, int fanIn) =>
        AssertUniform(Values(name), 1 / Math.Sqrt(fanIn));

    [Theory]
    [InlineData("transformer_decoder.layers.0.self_attn.in_proj_weight")]
    [InlineData("transformer_decoder.layers.2.multihead_attn.in_proj_weight")]
    public void Packed_projections_are_xavier_uniform(string name) => AssertUniform(Values(name), Math.Sqrt(6.0 / (64 + 3 * 64)));

    [Fact]
    public void Norms_start_as_the_identity_and_attention_biases_at_zero()
    {
        foreach (ParameterEntry entry in _parameters.Layout.Entries.Where(e => e.Name.Contains(".norm") || e.Name.StartsWith("head.2")))
            Assert.All(Values(entry.Name), value => Assert.Equal(entry.Name.EndsWith("weight") ? 1 : 0, value));
        foreach (ParameterEntry entry in _parameters.Layout.Entries.Where(e => e.Name.Contains("_attn") && e.IsVector))
            Assert.All(Values(entry.Name), value => Assert.Equal(0, value));
    }

    [Fact]
    public void Layers_start_as_copies_and_nothing_else_is_repeated()
    {
        var seen = new Dictionary<double, string>();
        foreach (ParameterEntry entry in _parameters.Layout.Entries)
        {
            double[] values = Values(entry.Name);
            string first = entry.Name.Replace("layers.1.", "layers.0.").Replace("layers.2.", "layers.0.");
            Assert.Equal(Values(first), values);
            if (values.Distinct().Count() > 1 && first == entry.Name)
                Assert.True(seen.TryAdd(values[0], entry.Name), $"{entry.Name} starts like {seen.GetValueOrDefault(values[0])}");
        }
    }

    [Fact]
    public void The_seed_alone_decides()
    {
        double[] before = Values("head.3.weight");
        Initialization.Initialize(_parameters, seed: 43);
        Assert.NotEqual(before, Values("head.3.weight"));
        Initialization.Initialize(_parameters, seed: 42);
        Assert.Equal(before, Values("head.3.weight"));
    }

    [Fact]
    public void Numbers_are_the_same_on_every_device()
    {
        using var host = new HostDevice();
        using var parameters = new ParameterSet(host, _parameters.Layout, training: false);
        Initialization.Initialize(parameters, seed: 42);
        var values = new float[parameters.Values.Length];
        host.Download(parameters.Values, values);
        var expected = new float[values.Length];
        _device.Download(_parameters.Values, expected);
        Assert.Equal(expected, values);
    }

    /// <summary>Bounds, mean and variance of U(−bound, bound), each within five standard errors.</summary>
    private static void AssertUniform(double[] values, double bound)
    {
        double root = Math.Sqrt(values.Length);
        Assert.All(values, value => Assert.InRange(value, -bound, bound));
        Assert.True(values.Max() > bound * (1 - 20.0 / values.Length) && values.Min() < -bound * (1 - 20.0 / values.Length));
        Assert.InRange(values.Average() / bound, -5 / Math.Sqrt(3) / root, 5 / Math.Sqrt(3) / root);
        double variance = values.Average(value => value * value) / (bound * bound);
        double standardError = Math.Sqrt(1 / 5.0 - 1 / 9.0) / root;
        Assert.InRange(variance, 1 / 3.0 - 5 * standardError, 1 / 3.0 + 5 * standardError);
    }

    private double[] Values(string name)
    {
        View view = _parameters.Value(name);
        var values = new double[view.Length];
        _device.Download(view, values);
        return values;
    }
}
