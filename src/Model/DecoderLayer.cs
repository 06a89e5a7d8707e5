using P6bNative.Autograd;

namespace P6bNative.Model;

/// <summary>nn.TransformerDecoderLayer, post-norm, ReLU, both attentions causal.</summary>
internal sealed class DecoderLayer(Layers layers, string name, VectorPredictorConfig config, int batch)
{
    /// <summary>Appends the layer.</summary>
    /// <param name="h">[B·T,d]: the layer below.</param>
    /// <param name="memory">[B·T,d]: what cross-attention reads.</param>
    /// <param name="lastPositionOnly">Computes the result of the last position alone.</param>
    /// <returns>[B·T,d], or [B,d] for the last position alone.</returns>
    public Tensor Record(Tensor h, Tensor memory, bool lastPositionOnly)
    {
        (string self, string cross) = ($"{name}.self_attn", $"{name}.multihead_attn");
        if (lastPositionOnly)
        {
            Tensor last = layers.Tape.TakeLast(h, config.ContextLength, $"{name}.last");
            h = SubLayerEnd(AttentionOfLast(last, h, self), last, self, "norm1");
            h = SubLayerEnd(AttentionOfLast(h, memory, cross), h, cross, "norm2");
        }
        else
        {
            h = SubLayerEnd(SelfAttention(h, self), h, self, "norm1");
            h = SubLayerEnd(CrossAttention(h, memory, cross), h, cross, "norm2");
        }

        return FeedForward(h);
    }

    private Tensor SelfAttention(Tensor h, string attention)
    {
        Tensor packed = layers.InProjection(h, attention, 0, 3 * config.ModelDimension, "qkv");
        return layers.Tape.SelfAttention(packed, batch, config.Heads, config.Dropout, attention);
    }

    private Tensor CrossAttention(Tensor h, Tensor memory, string attention)
    {
        Tensor query = Query(h, attention);
        Tensor keyValue = layers.InProjection(memory, attention, config.ModelDimension, 2 * config.ModelDimension, "kv");
        return layers.Tape.Attention(query, keyValue, batch, config.Heads, config.Dropout, attention);
    }

    /// <summary>The last position sees all others, so nothing is masked.</summary>
    private Tensor AttentionOfLast(Tensor last, Tensor x, string attention)
    {
        (Tensor weight, Tensor bias) = layers.InProjectionParameters(attention, config.ModelDimension, 2 * config.ModelDimension);
        return layers.Tape.ProjectedAttention(Query(last, attention), x, weight, bias, config.Heads, config.Dropout, attention);
    }

    private Tensor Query(Tensor h, string attention) => layers.InProjection(h, attention, 0, config.ModelDimension, "q");

    private Tensor SubLayerEnd(Tensor mixed, Tensor residual, string attention, string norm) =>
        layers.ResidualNorm(layers.Linear(mixed, $"{attention}.out_proj"), residual, config.Dropout, $"{name}.{norm}");

    private Tensor FeedForward(Tensor h)
    {
        Tensor hidden = layers.Tape.ReluDropout(layers.Linear(h, $"{name}.linear1"), config.Dropout, $"{name}.relu");
        return layers.ResidualNorm(layers.Linear(hidden, $"{name}.linear2"), h, config.Dropout, $"{name}.norm3");
    }
}
