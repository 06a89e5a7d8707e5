using P6bNative.Autograd;
using P6bNative.Kernels.Devices;

namespace P6bNative.Model.Tests;

/// <summary>What lstm, gru and amn compute, and their gradients.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<ModelType> Types => [ModelType.Lstm, ModelType.Gru, ModelType.Amn];

    /// <summary>Odd sizes, two layers, no dropout.</summary>
    internal static VectorPredictorConfig Tiny(ModelType type)
    {
        VectorPredictorConfig original = VectorPredictorConfig.Original(type, 7);
        return original with { ModelDimension = 6, Layers = Math.Min(original.Layers, 2), FeedForward = Math.Min(original.FeedForward, 10), Dropout = 0 };
    }

    [Theory]
    [InlineData(ModelType.Transformer, 17_867_520)]
    [InlineData(ModelType.Lstm, 5_120_768)]
    [InlineData(ModelType.Gru, 7_095_552)]
    [InlineData(ModelType.Amn, 1_510_912)]
    public void The_original_sizes_have_the_original_number_of_parameters(ModelType type, long count) =>
        Assert.Equal(count, VectorPredictorConfig.Original(type, 768).ParameterCount);

    [Theory]
    [InlineData(ModelType.Lstm, 1, 5, 3)]
    [InlineData(ModelType.Lstm, 3, 4, 2)]
    [InlineData(ModelType.Lstm, 2, 1, 2)]
    [InlineData(ModelType.Gru, 1, 5, 3)]
    [InlineData(ModelType.Gru, 3, 4, 1)]
    [InlineData(ModelType.Gru, 2, 1, 2)]
    [InlineData(ModelType.Amn, 0, 5, 3)]
    [InlineData(ModelType.Amn, 0, 1, 2)]
    [InlineData(ModelType.Amn, 0, 9, 1)]
    public void Forward_is_the_definition(ModelType type, int layers, int length, int batch)
    {
        VectorPredictorConfig config = Tiny(type) with { Layers = layers, ContextLength = length };
        using var tiny = new TinyModel(config, batch);
        tiny.Tape.Forward();
        double[] raw = tiny.Download(tiny.Raw.Value.Data);
        var plain = new PlainModels(config, name => tiny.Download(tiny.Parameters.Value(name)));
        double[] expected = [.. tiny.Contexts.Chunk(config.InputDimension).Chunk(length).SelectMany(plain.Forward)];
        TransformerVectorPredictorTests.AssertClose(expected, raw, 1e-12);
    }

    [Theory]
    [InlineData(ModelType.Lstm, 0f)]
    [InlineData(ModelType.Lstm, 0.2f)]
    [InlineData(ModelType.Gru, 0f)]
    [InlineData(ModelType.Gru, 0.1f)]
    [InlineData(ModelType.Amn, 0f)]
    public void Gradient_of_the_whole_model_matches_differences_of_the_loss(ModelType type, float dropout)
    {
        using var tiny = new TinyModel(Tiny(type) with { Dropout = dropout }, batch: 3);
        GradientVariable[] variables =
        [
            new("all parameters", tiny.Parameters.Values, tiny.Parameters.Gradients),
            .. tiny.Model.Layout.Entries.Select(e => new GradientVariable(e.Name, tiny.Parameters.Value(e.Name), tiny.Parameters.Gradient(e.Name))),
        ];
        GradientCheckSettings settings = GradientCheckSettings.DoublePrecision with { Step = 1e-3, Tolerance = 1e-8 };
        GradientCheckResult result = GradientCheck.Run("model", tiny.Tape, variables, tiny.Loss, settings);
        Assert.True(result.Passed, result.ToString());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_parameter_gets_a_gradient_and_gaps_stay_zero(ModelType type)
    {
        using var tiny = new TinyModel(Tiny(type), batch: 3);
        tiny.Step();
        double[] all = tiny.Download(tiny.Parameters.Gradients);
        foreach (ParameterEntry entry in tiny.Model.Layout.Entries)
        {
            Span<double> gradient = all.AsSpan((int)entry.Offset, (int)entry.Length);
            double largest = gradient.ToArray().Max(Math.Abs);

            // A softmax does not see what is added to all its scores, and the bias of the keys adds query·bias to each.
            if (entry.Name == "context_encoder.bias")
                Assert.InRange(largest, 0, 1e-15);
            else
                Assert.True(largest > 1e-6, entry.Name);
            gradient.Clear();
        }

        Assert.DoesNotContain(all, value => value != 0);
    }

    [Theory]
    [InlineData(ModelType.Lstm, 1)]
    [InlineData(ModelType.Gru, 2)]
    [InlineData(ModelType.Amn, 0)]
    public void Dropout_acts_in_training_where_the_original_has_it(ModelType type, int sites)
    {
        using var tiny = new TinyModel(Tiny(type) with { Dropout = type == ModelType.Amn ? 0 : 0.3f }, batch: 3);
        tiny.Tape.Forward();
        double[] first = tiny.Download(tiny.Raw.Value.Data);
        tiny.Tape.Key.Value++;
        tiny.Tape.Forward();
        Assert.Equal(sites == 0, first.SequenceEqual(tiny.Download(tiny.Raw.Value.Data)));
        Assert.Equal(sites, tiny.Tape.DropoutSites);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_host_computes_the_gradients_of_the_reference_with_any_threads_and_allocates_nothing(ModelType type)
    {
        VectorPredictorConfig config = Tiny(type) with { InputDimension = 33, ModelDimension = 37, Dropout = type == ModelType.Amn ? 0 : 0.1f };
        using var reference = new TinyModel(config, batch: 6);
        using var one = new TinyModel(config, batch: 6, device: new HostDevice(threads: 1));
        using var three = new TinyModel(config, batch: 6, device: new HostDevice(threads: 3));
        reference.Step();
        one.Step();
        three.Step();
        Assert.Equal(one.Download(one.Parameters.Gradients), three.Download(three.Parameters.Gradients));
        foreach (ParameterEntry entry in one.Model.Layout.Entries.Where(e => e.Name != "context_encoder.bias"))
        {
            double[] expected = reference.Download(reference.Parameters.Gradient(entry.Name)), actual = one.Download(one.Parameters.Gradient(entry.Name));
            double error = expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => e * e);
            Assert.True(error <= 1e-9, $"{entry.Name}: NMSE {error}");
        }

        long device = three.Device.AllocatedBytes, managed = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 3; i++)
        {
            three.Tape.Forward();
            three.Tape.Backward();
        }

        Assert.Equal(managed, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(device, three.Device.AllocatedBytes);
    }

    [Theory]
    [InlineData(ModelType.Lstm, "lstm.bias_hh_l1", "lstm.l1", "Lstm")]
    [InlineData(ModelType.Gru, "blocks.1.gru.bias_ih_l0", "blocks.1.gru.l0", "Gru")]
    [InlineData(ModelType.Amn, "residual_net.3.bias", "residual_net.3", "Linear")]
    public void Nodes_carry_the_names_of_their_parameters(ModelType type, string parameter, string node, string operation)
    {
        using var tiny = new TinyModel(Tiny(type), batch: 1);
        tiny.Tape.DetectAnomaly = true;
        tiny.Device.Upload([double.NaN], tiny.Parameters.Value(parameter).Slice(3, 1));
        AnomalyException error = Assert.Throws<AnomalyException>(tiny.Tape.Forward);
        Assert.Equal((node, operation), (error.NodeName, error.Operation));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_context_of_the_wrong_shape_is_refused(ModelType type)
    {
        using var tiny = new TinyModel(Tiny(type), batch: 1);
        using var tape = new Tape(tiny.Device);
        ShapeException error = Assert.Throws<ShapeException>(() => tiny.Model.Record(tape, tiny.Parameters, tape.Input("context", 11, 7)));
        Assert.Equal("context 'context' 11x7 must have 7 columns and a multiple of 5 rows.", error.Message);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Starting_weights_are_PyTorchs(ModelType type)
    {
        using var device = new ReferenceDevice();
        VectorPredictorConfig config = Tiny(type) with { InputDimension = 96, ModelDimension = 64 };
        using var parameters = new ParameterSet(device, VectorPredictors.Create(config).Layout, training: false);
        Initialization.Initialize(parameters, seed: 42);
        var seen = new HashSet<double>();
        foreach (ParameterEntry entry in parameters.Layout.Entries)
        {
            var values = new double[entry.Length];
            device.Download(parameters.Value(entry.Name), values);
            string module = entry.Name[..entry.Name.LastIndexOf('.')];
            if (module.EndsWith("norm") || module is "residual_net.2" or "residual_net.5")
            {
                Assert.All(values, value => Assert.Equal(entry.Name.EndsWith("weight") ? 1 : 0, value));
                continue;
            }

            bool isRecurrent = module is "lstm" || module.EndsWith(".gru");
            double bound = 1 / Math.Sqrt(isRecurrent ? 64 : parameters.Layout[$"{module}.weight"].Columns);
            Assert.All(values, value => Assert.InRange(value, -bound, bound));
            Assert.InRange(values.Max(Math.Abs), bound * (1 - 20.0 / values.Length), bound);
            Assert.True(seen.Add(values[0]), $"{entry.Name} starts like another parameter");
        }
    }
}
