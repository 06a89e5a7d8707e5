using P6bNative.Autograd;

namespace P6bNative.Model.Tests;

public class TransformerVectorPredictorTests
{
    [Theory]
    [InlineData(7, 8, 2, 2, 12, 5, 3)]
    [InlineData(5, 6, 3, 1, 9, 5, 2)]
    [InlineData(3, 4, 1, 3, 5, 4, 1)]
    [InlineData(9, 10, 5, 2, 3, 1, 4)]
    [InlineData(7, 8, 2, 2, 12, 5, 3, true)]
    [InlineData(3, 4, 1, 1, 5, 4, 2, true)]
    public void Forward_is_the_definition(
        int dimension, int width, int heads, int layers, int feedForward, int length, int batch, bool slotSkips = false)
    {
        var config = new VectorPredictorConfig
        {
            InputDimension = dimension,
            ModelDimension = width,
            Heads = heads,
            Layers = layers,
            FeedForward = feedForward,
            ContextLength = length,
            Dropout = 0,
            SlotSkips = slotSkips,
        };
        using var tiny = new TinyModel(config, batch);
        tiny.Tape.Forward();
        double[] raw = tiny.Download(tiny.Raw.Value.Data);
        var plain = new PlainTransformer(config, name => tiny.Download(tiny.Parameters.Value(name)));
        double[] expected = [.. tiny.Contexts.Chunk(dimension).Chunk(length).SelectMany(plain.Forward)];
        AssertClose(expected, raw, 1e-12);
    }

    [Fact]
    public void Pruning_the_last_layer_changes_neither_result_nor_gradients()
    {
        using var pruned = new TinyModel(TinyModel.Config, batch: 3);
        using var full = new TinyModel(TinyModel.Config, batch: 3, pruneLastLayer: false);
        pruned.Step();
        full.Step();
        AssertClose(full.Download(full.Raw.Value.Data), pruned.Download(pruned.Raw.Value.Data), 1e-12);
        AssertClose(full.Download(full.Parameters.Gradients), pruned.Download(pruned.Parameters.Gradients), 1e-12);
        Assert.True(pruned.Tape.ArenaLength < full.Tape.ArenaLength);
    }

    [Theory]
    [InlineData(0f, false)]
    [InlineData(0.1f, false)]
    [InlineData(0.1f, true)]
    public void Gradient_of_the_whole_model_matches_differences_of_the_loss(float dropout, bool slotSkips)
    {
        using var tiny = new TinyModel(TinyModel.Config with { Dropout = dropout, SlotSkips = slotSkips }, batch: 3);
        GradientVariable[] variables =
        [
            new("all parameters", tiny.Parameters.Values, tiny.Parameters.Gradients),
            .. tiny.Model.Layout.Entries.Select(e => new GradientVariable(e.Name, tiny.Parameters.Value(e.Name), tiny.Parameters.Gradient(e.Name))),
        ];
        GradientCheckSettings settings = GradientCheckSettings.DoublePrecision with { Step = 1e-4, Tolerance = 1e-8 };
        GradientCheckResult result = GradientCheck.Run("model", tiny.Tape, variables, tiny.Loss, settings);
        Assert.True(result.Passed, result.ToString());
    }

    [Fact]
    public void Dropout_acts_in_training_at_every_place_the_original_has_it()
    {
        using var tiny = new TinyModel(TinyModel.Config with { Dropout = 0.1f }, batch: 3);
        tiny.Tape.Forward();
        double[] first = tiny.Download(tiny.Raw.Value.Data);
        tiny.Tape.Key.Value++;
        tiny.Tape.Forward();
        Assert.NotEqual(first, tiny.Download(tiny.Raw.Value.Data));

        // Per layer: two attentions, three sub-layer ends, one inside the feed-forward part.
        Assert.Equal(6 * TinyModel.Config.Layers, tiny.Tape.DropoutSites);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_parameter_gets_a_gradient_and_gaps_stay_zero(bool slotSkips)
    {
        using var tiny = new TinyModel(TinyModel.Config with { SlotSkips = slotSkips }, batch: 3);
        tiny.Step();
        double[] all = tiny.Download(tiny.Parameters.Gradients);
        foreach (ParameterEntry entry in tiny.Model.Layout.Entries)
        {
            Span<double> gradient = all.AsSpan((int)entry.Offset, (int)entry.Length);
            Assert.True(gradient.ContainsAnyExcept(0.0), entry.Name);
            gradient.Clear();
        }

        Assert.DoesNotContain(all, value => value != 0);
    }

    [Fact]
    public void Nodes_carry_the_names_of_their_parameters()
    {
        using var tiny = new TinyModel(TinyModel.Config, batch: 1);
        tiny.Tape.DetectAnomaly = true;
        tiny.Device.Upload([double.NaN], tiny.Parameters.Value("transformer_decoder.layers.0.self_attn.out_proj.bias").Slice(5, 1));
        AnomalyException error = Assert.Throws<AnomalyException>(tiny.Tape.Forward);
        Assert.Equal(("transformer_decoder.layers.0.self_attn.out_proj", "Linear", 5), (error.NodeName, error.Operation, error.Column));
    }

    [Fact]
    public void A_context_of_the_wrong_shape_is_refused()
    {
        using var tiny = new TinyModel(TinyModel.Config, batch: 1);
        using var tape = new Tape(tiny.Device);
        ShapeException error = Assert.Throws<ShapeException>(() => tiny.Model.Record(tape, tiny.Parameters, tape.Input("context", 10, 6)));
        Assert.Equal("context 'context' 10x6 must have 7 columns and a multiple of 5 rows.", error.Message);
    }

    internal static void AssertClose(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * largest, $"element {i}: {actual[i]} instead of {expected[i]}");
    }
}
