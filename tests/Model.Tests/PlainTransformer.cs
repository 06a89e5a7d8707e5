namespace P6bNative.Model.Tests;

/// <summary>
/// The forward pass as the definition reads, for one sample, with nothing skipped or fused: nn.TransformerDecoderLayer (post-norm, ReLU)
/// with a causal mask on both attentions, written without the engine.
/// </summary>
internal sealed class PlainTransformer(VectorPredictorConfig config, Func<string, double[]> weights)
{
    /// <summary>raw of one sample from its T context vectors.</summary>
    public double[] Forward(double[][] context)
    {
        double[][] memory = Each(context, x => Linear(x, "input_proj"));
        for (int t = 0; t < memory.Length; t++)
        {
            for (int c = 0; c < config.ModelDimension; c++)
            {
                double angle = t / Math.Pow(10000, c / 2 * 2 / (double)config.ModelDimension);
                memory[t][c] += c % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
            }
        }

        double[][] h = memory;
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"transformer_decoder.layers.{layer}";
            h = AddAndNorm(h, Attention(h, h, $"{name}.self_attn"), $"{name}.norm1");
            h = AddAndNorm(h, Attention(h, memory, $"{name}.multihead_attn"), $"{name}.norm2");
            double[][] f = Each(h, x => Linear([.. Linear(x, $"{name}.linear1").Select(v => v > 0 ? v : 0)], $"{name}.linear2"));
            h = AddAndNorm(h, f, $"{name}.norm3");
        }

        double[] hidden = [.. Linear(h[^1], "head.0").Select(Gelu)];
        double[] raw = Linear(Norm(hidden, "head.2"), "head.3");
        if (!config.SlotSkips)
            return raw;
        double[] skips = weights("slot_skips");
        return [.. raw.Select((x, c) => x + skips.Select((a, slot) => a * context[slot][c]).Sum())];
    }

    private static double[][] Each(double[][] rows, Func<double[], double[]> map) => [.. rows.Select(map)];

    private double[] Linear(double[] x, string name) =>
        Affine(x, weights($"{name}.weight"), weights($"{name}.bias"), 0, weights($"{name}.bias").Length);

    private static double[] Affine(double[] x, double[] weight, double[] bias, int first, int count)
    {
        var y = new double[count];
        for (int o = 0; o < count; o++)
        {
            y[o] = bias[first + o];
            for (int i = 0; i < x.Length; i++)
                y[o] += x[i] * weight[(first + o) * x.Length + i];
        }

        return y;
    }

    private double[][] Attention(double[][] queries, double[][] keys, string name)
    {
        int d = config.ModelDimension, width = d / config.Heads;
        double[] weight = weights($"{name}.in_proj_weight"), bias = weights($"{name}.in_proj_bias");
        double[][] q = Each(queries, x => Affine(x, weight, bias, 0, d));
        double[][] k = Each(keys, x => Affine(x, weight, bias, d, d));
        double[][] v = Each(keys, x => Affine(x, weight, bias, 2 * d, d));
        var mixed = new double[queries.Length][];
        for (int i = 0; i < queries.Length; i++)
        {
            mixed[i] = new double[d];
            for (int head = 0; head < config.Heads; head++)
            {
                var score = new double[i + 1];
                for (int j = 0; j <= i; j++)
                {
                    for (int c = head * width; c < (head + 1) * width; c++)
                        score[j] += q[i][c] * k[j][c] / Math.Sqrt(width);
                }

                double total = score.Sum(Math.Exp);
                for (int j = 0; j <= i; j++)
                {
                    for (int c = head * width; c < (head + 1) * width; c++)
                        mixed[i][c] += Math.Exp(score[j]) / total * v[j][c];
                }
            }
        }

        return Each(mixed, x => Linear(x, $"{name}.out_proj"));
    }

    private double[][] AddAndNorm(double[][] residual, double[][] x, string name) =>
        [.. residual.Zip(x, (r, a) => Norm([.. r.Zip(a, (u, w) => u + w)], name))];

    private double[] Norm(double[] x, string name)
    {
        double[] gamma = weights($"{name}.weight"), beta = weights($"{name}.bias");
        double mean = x.Average();
        double variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + 1e-5) * gamma[i] + beta[i])];
    }

    /// <summary>x·Φ(x), Φ by its Taylor series about 0: Φ(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/15 + ...).</summary>
    public static double Gelu(double x)
    {
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-18 * Math.Abs(sum); n++)
        {
            term *= x * x / (2 * n + 1);
            sum += term;
        }

        return x * (0.5 + Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI) * sum);
    }
}
