namespace P6bNative.Trainer.Loss;

/// <summary>
/// InfoNCE (van den Oord et al. 2018, eq. 4) over cosines: L = mean_b −ln(e^(pos/τ) / (e^(pos/τ) + Σₖ e^(cos(raw, vₖ)/τ))), vₖ the sample's negatives; a
/// sample without negatives adds 0. Computed on the host, in double and in a fixed order: at K = 24 it is a thousandth of a step's arithmetic.
/// </summary>
internal sealed class InfoNce
{
    private readonly InArticleContrast _constants;
    private readonly int _dimension;
    private readonly double[] _gradient;
    private readonly double[] _cosines;
    private readonly double[] _norms;
    private int _batch;

    /// <summary>Makes the buffers.</summary>
    /// <param name="constants">K and τ.</param>
    /// <param name="dimension">D.</param>
    /// <param name="maxBatch">Largest batch.</param>
    public InfoNce(InArticleContrast constants, int dimension, int maxBatch)
    {
        _constants = constants;
        _dimension = dimension;
        _gradient = new double[maxBatch * dimension];
        _cosines = new double[constants.Negatives];
        _norms = new double[constants.Negatives];
    }

    /// <summary>L of the batch evaluated last.</summary>
    public double Value { get; private set; }

    /// <summary>‖∂L/∂raw‖ over that batch.</summary>
    public double GradientNorm { get; private set; }

    /// <summary>Evaluates a batch.</summary>
    /// <param name="raw">[batch,D]: the model's output.</param>
    /// <param name="targets">[batch,D].</param>
    /// <param name="negatives">[batch,K,D], of any length but 0.</param>
    /// <param name="counts">[batch]: how many of a sample's K negatives there are.</param>
    public void Evaluate(ReadOnlySpan<double> raw, ReadOnlySpan<float> targets, ReadOnlySpan<float> negatives, ReadOnlySpan<int> counts)
    {
        _batch = counts.Length;
        double sum = 0, squares = 0;
        for (int b = 0; b < _batch; b++)
        {
            Span<double> gradient = _gradient.AsSpan(b * _dimension, _dimension);
            gradient.Clear();
            if (counts[b] == 0) continue;
            sum += EvaluateSample(
                raw.Slice(b * _dimension, _dimension), targets.Slice(b * _dimension, _dimension),
                negatives.Slice(b * _constants.Negatives * _dimension, counts[b] * _dimension), counts[b], gradient);
            foreach (double g in gradient) squares += g * g;
        }

        Value = sum / _batch;
        GradientNorm = Math.Sqrt(squares);
    }

    /// <summary>weight·∂L/∂raw of the batch evaluated last.</summary>
    /// <param name="weight">λ; 0 writes zeros, whatever the gradient is.</param>
    /// <param name="destination">[batch,D], written.</param>
    public void WriteGradient(double weight, Span<double> destination)
    {
        for (int i = 0; i < _batch * _dimension; i++) destination[i] = weight == 0 ? 0 : weight * _gradient[i];
    }

    private double EvaluateSample(
        ReadOnlySpan<double> raw, ReadOnlySpan<float> target, ReadOnlySpan<float> negatives, int count, Span<double> gradient)
    {
        double rawSquared = 0;
        foreach (double x in raw) rawSquared += x * x;
        double rawNorm = Math.Sqrt(rawSquared), scale = Math.Max(rawNorm, Cosine.LossNormFloor), temperature = _constants.Temperature;
        (double rawTarget, double targetNorm) = Product(raw, target);
        double pos = Cosine.InLoss(rawTarget, rawNorm, targetNorm), largest = pos;
        for (int k = 0; k < count; k++)
        {
            (double product, _norms[k]) = Product(raw, negatives.Slice(k * _dimension, _dimension));
            _cosines[k] = Cosine.InLoss(product, rawNorm, _norms[k]);
            largest = Math.Max(largest, _cosines[k]);
        }

        double onTarget = Math.Exp((pos - largest) / temperature), total = onTarget;
        for (int k = 0; k < count; k++) total += Math.Exp((_cosines[k] - largest) / temperature);

        // ∂L/∂cos is −(1 − softmax) for the target and softmax for a negative, over τB; ∂cos(raw, v)/∂raw = (v/‖v‖ − cos·raw/‖raw‖)/‖raw‖.
        double factor = 1 / (temperature * _batch), radial = 0;
        Add((onTarget / total - 1) * factor, pos, targetNorm, target, gradient);
        for (int k = 0; k < count; k++)
        {
            double share = Math.Exp((_cosines[k] - largest) / temperature) / total;
            Add(share * factor, _cosines[k], _norms[k], negatives.Slice(k * _dimension, _dimension), gradient);
        }

        // Below its lower bound the norm is a constant, so nothing flows through it.
        if (rawNorm >= Cosine.LossNormFloor)
        {
            for (int c = 0; c < raw.Length; c++) gradient[c] -= radial / (scale * scale) * raw[c];
        }

        return Math.Log(total) - (pos - largest) / temperature;

        void Add(double dCosine, double cosine, double norm, ReadOnlySpan<float> vector, Span<double> sum)
        {
            radial += dCosine * cosine;
            double weight = dCosine / (scale * Math.Max(norm, Cosine.LossNormFloor));
            for (int c = 0; c < vector.Length; c++) sum[c] += weight * vector[c];
        }
    }

    /// <summary>x·y and ‖y‖.</summary>
    private static (double Product, double Norm) Product(ReadOnlySpan<double> x, ReadOnlySpan<float> y)
    {
        double p0 = 0, p1 = 0, s0 = 0, s1 = 0;
        int c = 0;
        for (; c + 2 <= y.Length; c += 2)
        {
            double y0 = y[c], y1 = y[c + 1];
            p0 += x[c] * y0;
            p1 += x[c + 1] * y1;
            s0 += y0 * y0;
            s1 += y1 * y1;
        }

        if (c < y.Length)
        {
            p0 += x[c] * y[c];
            s0 += (double)y[c] * y[c];
        }

        return (p0 + p1, Math.Sqrt(s0 + s1));
    }
}
