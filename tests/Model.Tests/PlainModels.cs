namespace P6bNative.Model.Tests;

/// <summary>
/// The forward passes of lstm, gru and amn as their definitions read (nn.LSTM and nn.GRU of PyTorch's documentation), for one sample, written
/// without the engine.
/// </summary>
internal sealed class PlainModels(VectorPredictorConfig config, Func<string, double[]> weights)
{
    /// <summary>raw of one sample from its T context vectors.</summary>
    public double[] Forward(double[][] context) => config.Type switch
    {
        ModelType.Lstm => Lstm(context),
        ModelType.Gru => Gru(context),
        _ => Amn(context),
    };

    private double[] Lstm(double[][] context)
    {
        double[][] h = context;
        for (int layer = 0; layer < config.Layers; layer++)
            h = LstmLayer(h, layer);
        return Linear(h[^1], "output_proj");
    }

    private double[][] LstmLayer(double[][] x, int layer)
    {
        int width = config.ModelDimension;
        double[] h = new double[width], c = new double[width];
        var states = new List<double[]>();
        foreach (double[] step in x)
        {
            double[] a = Affine(step, $"lstm.weight_ih_l{layer}", $"lstm.bias_ih_l{layer}"), u = Affine(h, $"lstm.weight_hh_l{layer}", $"lstm.bias_hh_l{layer}");
            double Gate(int gate, int k) => a[gate * width + k] + u[gate * width + k];
            c = [.. c.Select((before, k) => Sigmoid(Gate(1, k)) * before + Sigmoid(Gate(0, k)) * Math.Tanh(Gate(2, k)))];
            h = [.. c.Select((state, k) => Sigmoid(Gate(3, k)) * Math.Tanh(state))];
            states.Add(h);
        }

        return [.. states];
    }

    private double[] Gru(double[][] context)
    {
        double[][] h = [.. context.Select(x => Linear(x, "input_proj"))];
        for (int block = 0; block < config.Layers; block++)
        {
            string name = $"blocks.{block}";
            h = [.. h.Zip(GruLayer(h, $"{name}.gru"), (residual, x) => Norm([.. residual.Zip(x, (r, v) => r + v)], $"{name}.norm"))];
        }

        return Linear(h[^1], "output_proj");
    }

    private double[][] GruLayer(double[][] x, string name)
    {
        int width = config.ModelDimension;
        double[] h = new double[width];
        var states = new List<double[]>();
        foreach (double[] step in x)
        {
            double[] a = Affine(step, $"{name}.weight_ih_l0", $"{name}.bias_ih_l0"), u = Affine(h, $"{name}.weight_hh_l0", $"{name}.bias_hh_l0");
            h = [.. h.Select((before, k) =>
            {
                double r = Sigmoid(a[k] + u[k]), z = Sigmoid(a[width + k] + u[width + k]);
                return (1 - z) * Math.Tanh(a[2 * width + k] + r * u[2 * width + k]) + z * before;
            })];
            states.Add(h);
        }

        return [.. states];
    }

    private double[] Amn(double[][] context)
    {
        double[] mean = [.. context[0].Select((_, c) => context.Average(x => x[c]))];
        double[] query = Linear(mean, "query_encoder");
        double[] scores = [.. context.Select(x => Linear(x, "context_encoder").Zip(query, (k, q) => k * q).Sum() / Math.Sqrt(config.ModelDimension))];
        double total = scores.Sum(Math.Exp);
        double[] mixture = [.. mean.Select((_, c) => context.Select((x, t) => Math.Exp(scores[t]) / total * x[c]).Sum())];
        double[] h = Norm([.. Linear([.. mean, .. mixture], "residual_net.0").Select(PlainTransformer.Gelu)], "residual_net.2");
        h = Norm([.. Linear(h, "residual_net.3").Select(PlainTransformer.Gelu)], "residual_net.5");
        return [.. Linear(h, "residual_net.6").Zip(mean, (residual, m) => residual + m)];
    }

    private double[] Linear(double[] x, string name) => Affine(x, $"{name}.weight", $"{name}.bias");

    private double[] Affine(double[] x, string weight, string bias)
    {
        double[] w = weights(weight);
        return [.. weights(bias).Select((b, o) => b + x.Select((v, i) => v * w[o * x.Length + i]).Sum())];
    }

    private double[] Norm(double[] x, string name)
    {
        double[] gamma = weights($"{name}.weight"), beta = weights($"{name}.bias");
        double mean = x.Average(), variance = x.Average(v => (v - mean) * (v - mean));
        return [.. x.Select((v, i) => (v - mean) / Math.Sqrt(variance + 1e-5) * gamma[i] + beta[i])];
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
