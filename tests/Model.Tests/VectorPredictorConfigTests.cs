namespace P6bNative.Model.Tests;

public class VectorPredictorConfigTests
{
    private static readonly VectorPredictorConfig Original = new() { InputDimension = 768 };

    [Fact]
    public void The_original_has_17_867_520_parameters() => Assert.Equal(17_867_520, Original.ParameterCount);

    [Fact]
    public void Names_and_shapes_are_those_of_the_state_dict()
    {
        var expected = new List<string> { "input_proj.weight [512,768]", "input_proj.bias [512]" };
        for (int i = 0; i < 4; i++)
        {
            foreach (string attention in new[] { "self_attn", "multihead_attn" })
            {
                expected.AddRange(new[] { "in_proj_weight [1536,512]", "in_proj_bias [1536]", "out_proj.weight [512,512]", "out_proj.bias [512]" }
                    .Select(parameter => $"transformer_decoder.layers.{i}.{attention}.{parameter}"));
            }

            expected.AddRange(new[]
            {
                "linear1.weight [2048,512]", "linear1.bias [2048]", "linear2.weight [512,2048]", "linear2.bias [512]",
                "norm1.weight [512]", "norm1.bias [512]", "norm2.weight [512]", "norm2.bias [512]", "norm3.weight [512]", "norm3.bias [512]",
            }.Select(parameter => $"transformer_decoder.layers.{i}.{parameter}"));
        }

        expected.AddRange([
            "head.0.weight [512,512]", "head.0.bias [512]", "head.2.weight [512]", "head.2.bias [512]",
            "head.3.weight [768,512]", "head.3.bias [768]"]);
        Assert.Equal(expected, new TransformerVectorPredictor(Original).Layout.Entries.Select(e => $"{e.Name} [{string.Join(',', e.Shape)}]"));
    }

    [Fact]
    public void Parameters_start_on_cache_lines_and_do_not_overlap()
    {
        ParameterLayout layout = new TransformerVectorPredictor(TinyModel.Config).Layout;
        long end = 0;
        foreach (ParameterEntry entry in layout.Entries)
        {
            Assert.Equal(0, entry.Offset % 16);
            Assert.InRange(entry.Offset, end, end + 15);
            end = entry.Offset + entry.Length;
        }

        Assert.InRange(layout.Length, end, end + 15);
    }

    public static TheoryData<VectorPredictorConfig, string> Wrong => new()
    {
        { Original with { InputDimension = 0 }, "input dimension is 0: it must be at least 1." },
        { Original with { Layers = 0 }, "number of layers is 0: it must be at least 1." },
        { Original with { Heads = 7 }, "d_model is 512 and heads 7: heads must divide d_model." },
        { Original with { ModelDimension = 7, Heads = 7 }, "d_model is 7: it must be even, for sine and cosine positions." },
        { Original with { ContextLength = 101 }, "context length is 101: at most 100 positions exist." },
        { Original with { Dropout = 1 }, "dropout is 1: it must lie in [0, 1)." },
        { Original with { Dropout = float.NaN }, "dropout is NaN: it must lie in [0, 1)." },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Sizes_that_make_no_model_are_named(VectorPredictorConfig config, string message) =>
        Assert.Equal(message, Assert.Throws<ModelException>(() => new TransformerVectorPredictor(config)).Message);
}
