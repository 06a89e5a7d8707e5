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
        h = lastPositionOnly ? SelfAttentionOfLast(h) : SelfAttention(h);
        h = CrossAttention(h, memory);
        return FeedForward(h);
    }

    private Tensor SelfAttention(Tensor h)
    {
        string attention = $"{name}.self_attn";
        Tensor packed = layers.InProjection(h, attention, 0, 3 * config.ModelDimension, "qkv");
        Tensor mixed = layers.Tape.SelfAttention(packed, batch, config.Heads, config.Dropout, attention);
        return SubLayerEnd(mixed, h, attention, "norm1");
    }

    private Tensor SelfAttentionOfLast(Tensor h)
    {
        string attention = $"{name}.self_attn";
        Tensor last = layers.Tape.TakeLast(h, config.ContextLength, $"{name}.last");
        return SubLayerEnd(Attention(last, h, attention), last, attention, "norm1");
    }

    private Tensor CrossAttention(Tensor h, Tensor memory)
    {
        string attention = $"{name}.multihead_attn";
        return SubLayerEnd(Attention(h, memory, attention), h, attention, "norm2");
    }

    private Tensor Attention(Tensor queries, Tensor keys, string attention)
    {
        int d = config.ModelDimension;
        Tensor query = layers.InProjection(queries, attention, 0, d, "q");
        Tensor keyValue = layers.InProjection(keys, attention, d, 2 * d, "kv");
        return layers.Tape.Attention(query, keyValue, batch, config.Heads, config.Dropout, attention);
    }

    private Tensor SubLayerEnd(Tensor mixed, Tensor residual, string attention, string norm) =>
        layers.ResidualNorm(layers.Linear(mixed, $"{attention}.out_proj"), residual, config.Dropout, $"{name}.{norm}");

    private Tensor FeedForward(Tensor h)
    {
        Tensor hidden = layers.Tape.ReluDropout(layers.Linear(h, $"{name}.linear1"), config.Dropout, $"{name}.relu");
        return layers.ResidualNorm(layers.Linear(hidden, $"{name}.linear2"), h, config.Dropout, $"{name}.norm3");
    }
}
