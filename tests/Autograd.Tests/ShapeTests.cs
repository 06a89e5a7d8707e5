using P6bNative.Kernels.Devices;

namespace P6bNative.Autograd.Tests;

public sealed class ShapeTests : IDisposable
{
    private readonly ReferenceDevice _device = new();
    private readonly Tape _tape;

    public ShapeTests() => _tape = new Tape(_device, TapeMode.Inference);

    public void Dispose()
    {
        _tape.Dispose();
        _device.Dispose();
    }

    [Fact]
    public void Linear_names_x_and_weight() => Refuses(
        "linear1 (Linear): x 'h' 15x8 must have as many columns as weight 'w' 12x7 (out x in).",
        () => _tape.Linear(Input("h", 15, 8), Input("w", 12, 7), null, "linear1"));

    [Fact]
    public void Linear_names_the_bias() => Refuses(
        "linear1 (Linear): bias 'b' 1x8 must be 1x12.",
        () => _tape.Linear(Input("h", 15, 8), Input("w", 12, 8), Input("b", 1, 8), "linear1"));

    [Fact]
    public void AddPosition_wants_whole_samples() => Refuses(
        "pe (AddPosition): the rows of x 'h' 14x8 must be a multiple of those of table 't' 5x8.",
        () => _tape.AddPosition(Input("h", 14, 8), Input("t", 5, 8), "pe"));

    [Fact]
    public void SlotSkips_wants_a_scalar_for_each_slot() => Refuses(
        "skips (SlotSkips): skips 'a' 1x4 must be 1x5.",
        () => _tape.SlotSkips(Input("raw", 2, 8), Input("a", 1, 4), Input("context", 10, 8)));

    [Fact]
    public void SelfAttention_wants_three_projections() => Refuses(
        "attn (Attention): 'qkv' 10x16 packs 3 projections: its columns must be a multiple of 3.",
        () => _tape.SelfAttention(Input("qkv", 10, 16), 2, 2, 0, "attn"));

    [Fact]
    public void Attention_wants_heads_that_divide_the_width() => Refuses(
        "attn (Attention): 3 heads must divide the width 8 of 'kv' 10x16.",
        () => _tape.Attention(Input("q", 2, 8), Input("kv", 10, 16), 2, 3, 0, "attn"));

    [Fact]
    public void Attention_wants_no_more_queries_than_keys() => Refuses(
        "attn (Attention): query 'q' 12x8 must not have more rows than keyValue 'kv' 10x16.",
        () => _tape.Attention(Input("q", 12, 8), Input("kv", 10, 16), 2, 2, 0, "attn"));

    [Fact]
    public void LayerNorm_wants_vectors() => Refuses(
        "norm (LayerNorm): gamma 'g' 8x1 must be 1x8.",
        () => _tape.LayerNorm(Input("h", 4, 8), Input("g", 8, 1), Input("b", 1, 8), "norm"));

    [Fact]
    public void Residual_must_fit() => Refuses(
        "norm (DropoutResidualLayerNorm): x 'h' 4x8 and residual 'r' 5x8 must have the same shape.",
        () => _tape.DropoutResidualLayerNorm(Input("h", 4, 8), Input("r", 5, 8), Input("g", 1, 8), Input("b", 1, 8), 0, "norm"));

    [Fact]
    public void TakeLast_wants_whole_samples() => Refuses(
        "last (TakeLast): the rows of x 'h' 14x8 must be a multiple of the length 5.",
        () => _tape.TakeLast(Input("h", 14, 8), 5, "last"));

    [Fact]
    public void VectorLoss_wants_a_target_per_sample() => Refuses(
        "loss (VectorLoss): raw 'raw' 2x8 and target 't' 3x8 must have the same shape.",
        () => _tape.VectorLoss(Input("raw", 2, 8), Input("t", 3, 8), Input("c", 10, 8)));

    [Fact]
    public void A_tensor_may_be_given_only_once()
    {
        Tensor x = Input("h", 4, 8);
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => _tape.DropoutResidualLayerNorm(x, x, Input("g", 1, 8), Input("b", 1, 8), 0));
        Assert.Contains("tensor 'h' may be given only once", error.Message);
    }

    [Fact]
    public void A_tensor_of_another_tape_is_refused()
    {
        using var other = new Tape(_device);
        Assert.Throws<ArgumentException>(() => _tape.Gelu(other.Input("x", 1, 1)));
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1f)]
    [InlineData(float.NaN)]
    public void Dropout_probability_must_leave_something(float probability) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => _tape.ReluDropout(Input("x", 1, 1), probability));

    private Tensor Input(string name, int rows, int columns) => _tape.Input(name, rows, columns);

    private static void Refuses(string message, Func<object> record) => Assert.Equal(message, Assert.Throws<ShapeException>(record).Message);
}
