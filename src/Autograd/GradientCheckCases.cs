using P6bNative.Kernels.Operations;

namespace P6bNative.Autograd;

/// <summary>One row of the table of gradient checks.</summary>
/// <param name="Operation">Name of the operation, as in Ops/.</param>
/// <param name="Variant">What sets the row apart from others of the operation; may be empty.</param>
/// <param name="Record">Records the operation with random shapes and a loss.</param>
internal sealed record GradientCheckCase(string Operation, string Variant, Action<GradientCheckSubject> Record)
{
    public string Name => Variant.Length == 0 ? Operation : $"{Operation} {Variant}";
}

/// <summary>The table of gradient checks: at least one row for every operation of the tape.</summary>
internal static class GradientCheckCases
{
    /// <summary>Number of random shapes per row.</summary>
    public const int Repeats = 4;

    private const float Dropout = 0.3f;

    public static IReadOnlyList<GradientCheckCase> All { get; } =
    [
        new("Linear", "", s => Linear(s, bias: true)),
        new("Linear", "without bias", s => Linear(s, bias: false)),
        new("Linear", "shared weight", SharedLinear),
        new("AddPosition", "", AddPosition),
        new("Attention", "self", SelfAttention),
        new("Attention", "cross", s => CrossAttention(s, queryLength: length => length)),
        new("Attention", "fewer queries", s => CrossAttention(s, queryLength: _ => 1)),
        new("ProjectedAttention", "", ProjectedAttention),
        new("ReluDropout", "", ReluDropout),
        new("Gelu", "", Gelu),
        new("LayerNorm", "", LayerNorm),
        new("DropoutResidualLayerNorm", "", s => DropoutResidualLayerNorm(s, Dropout)),
        new("DropoutResidualLayerNorm", "without dropout", s => DropoutResidualLayerNorm(s, 0)),
        new("TakeLast", "", TakeLast),
        new("SlotSkips", "", s => SlotSkips(s, shared: false)),
        new("SlotSkips", "shared", s => SlotSkips(s, shared: true)),
        new("Dropout", "", s => s.AddToLoss(s.Tape.Dropout(s.Variable("x", s.Size(9), s.Size(20)), Dropout))),
        new("Lstm", "", s => s.AddToLoss(Recurrent(s, gates: 4, s.Variable, s.Tape.Lstm))),
        new("Lstm", "of data", s => s.AddToLoss(Recurrent(s, gates: 4, s.Data, s.Tape.Lstm))),
        new("Lstm", "shared weights", s => SharedRecurrent(s, gates: 4, s.Tape.Lstm)),
        new("Gru", "", s => s.AddToLoss(Recurrent(s, gates: 3, s.Variable, s.Tape.Gru))),
        new("Gru", "of data", s => s.AddToLoss(Recurrent(s, gates: 3, s.Data, s.Tape.Gru))),
        new("Gru", "shared weights", s => SharedRecurrent(s, gates: 3, s.Tape.Gru)),
        new("SlotMean", "", SlotMean),
        new("SlotMixture", "", SlotMixture),
        new("VectorLoss", "", VectorLoss),
        new("Tape", "fan-out", FanOut),
    ];

    private static void Linear(GradientCheckSubject s, bool bias)
    {
        int inputs = s.Size(33), outputs = s.Size(33);
        Tensor x = s.Variable("x", s.Size(20), inputs);
        s.AddToLoss(s.Tape.Linear(x, s.Variable("weight", outputs, inputs), bias ? s.Variable("bias", 1, outputs) : null));
    }

    private static void SharedLinear(GradientCheckSubject s)
    {
        int width = s.Size(17);
        Tensor weight = s.Variable("weight", width, width), bias = s.Variable("bias", 1, width);
        Tensor y = s.Tape.Linear(s.Variable("x", s.Size(9), width), weight, bias, "first");
        s.AddToLoss(s.Tape.Linear(y, weight, bias, "second"));
    }

    private static void AddPosition(GradientCheckSubject s)
    {
        int length = s.Size(6), width = s.Size(20);
        s.AddToLoss(s.Tape.AddPosition(s.Variable("x", s.Size(5) * length, width), s.Data("table", length, width)));
    }

    private static void SelfAttention(GradientCheckSubject s)
    {
        int batch = s.Size(4), length = s.Size(6), heads = s.Size(3), width = heads * s.Size(5);
        s.AddToLoss(s.Tape.SelfAttention(s.Variable("queryKeyValue", batch * length, 3 * width), batch, heads, Dropout));
    }

    private static void CrossAttention(GradientCheckSubject s, Func<int, int> queryLength)
    {
        int batch = s.Size(4), length = s.Size(6), heads = s.Size(3), width = heads * s.Size(5);
        Tensor query = s.Variable("query", batch * queryLength(length), width);
        s.AddToLoss(s.Tape.Attention(query, s.Variable("keyValue", batch * length, 2 * width), batch, heads, Dropout));
    }

    private static void ProjectedAttention(GradientCheckSubject s)
    {
        int batch = s.Size(4), length = s.Size(6), heads = s.Size(4), width = heads * s.Size(6), inputs = s.Size(12);
        s.AddToLoss(s.Tape.ProjectedAttention(
            s.Variable("query", batch, width), s.Variable("x", batch * length, inputs), s.Variable("weight", 2 * width, inputs),
            s.Variable("bias", 1, 2 * width), heads, Dropout));
    }

    private static void ReluDropout(GradientCheckSubject s) =>
        s.AddToLoss(s.Tape.ReluDropout(s.VariableAwayFromZero("x", s.Size(9), s.Size(20)), Dropout));

    private static void Gelu(GradientCheckSubject s) => s.AddToLoss(s.Tape.Gelu(s.Variable("x", s.Size(9), s.Size(20))));

    private static void LayerNorm(GradientCheckSubject s)
    {
        int width = 2 + s.Size(20);
        s.AddToLoss(s.Tape.LayerNorm(s.Variable("x", s.Size(9), width), s.Variable("gamma", 1, width), s.Variable("beta", 1, width)));
    }

    private static void DropoutResidualLayerNorm(GradientCheckSubject s, float dropout)
    {
        int rows = s.Size(9), width = 2 + s.Size(20);
        s.AddToLoss(s.Tape.DropoutResidualLayerNorm(
            s.Variable("x", rows, width), s.Variable("residual", rows, width),
            s.Variable("gamma", 1, width), s.Variable("beta", 1, width), dropout));
    }

    private static void TakeLast(GradientCheckSubject s)
    {
        int length = s.Size(6);
        s.AddToLoss(s.Tape.TakeLast(s.Variable("x", s.Size(5) * length, s.Size(20)), length));
    }

    /// <summary>Shared: another operation reads the raw output too, so that working in place must be refused.</summary>
    private static void SlotSkips(GradientCheckSubject s, bool shared)
    {
        int batch = s.Size(5), slots = s.Size(6), width = s.Size(20);
        Tensor raw = s.Tape.TakeLast(s.Variable("x", batch, width), 1, "raw"), skips = s.Variable("skips", 1, slots);
        s.AddToLoss(s.Tape.SlotSkips(raw, skips, s.Data("context", batch * slots, width)));
        if (shared)
            s.AddToLoss(s.Tape.SlotSkips(raw, skips, s.Data("other context", batch * slots, width), "second"));
    }

    private static Tensor Recurrent(
        GradientCheckSubject s, int gates, Func<string, int, int, Tensor> source, Func<Tensor, RecurrentWeights, int, string, Tensor> layer)
    {
        int length = s.Size(5), inputs = s.Size(9), width = s.Size(9);
        return layer(source("x", s.Size(4) * length, inputs), RecurrentWeights(s, gates, inputs, width), length, "layer");
    }

    /// <summary>Two layers of the same weights, both read by the loss.</summary>
    private static void SharedRecurrent(GradientCheckSubject s, int gates, Func<Tensor, RecurrentWeights, int, string, Tensor> layer)
    {
        int length = s.Size(4), width = s.Size(7);
        RecurrentWeights weights = RecurrentWeights(s, gates, width, width);
        Tensor first = layer(s.Variable("x", s.Size(3) * length, width), weights, length, "first");
        s.AddToLoss(first);
        s.AddToLoss(layer(first, weights, length, "second"));
    }

    private static RecurrentWeights RecurrentWeights(GradientCheckSubject s, int gates, int inputs, int width) => new(
        s.Variable("weightIh", gates * width, inputs), s.Variable("weightHh", gates * width, width),
        s.Variable("biasIh", 1, gates * width), s.Variable("biasHh", 1, gates * width));

    private static void SlotMean(GradientCheckSubject s)
    {
        int length = s.Size(6), width = s.Size(12);
        Tensor mean = s.Tape.SlotMean(s.Data("x", s.Size(5) * length, width), length);
        s.AddToLoss(s.Tape.Linear(mean, s.Variable("weight", s.Size(9), width), bias: null));
    }

    private static void SlotMixture(GradientCheckSubject s)
    {
        int batch = s.Size(5), slots = s.Size(6), width = s.Size(12);
        s.AddToLoss(s.Tape.SlotMixture(
            s.Variable("query", batch, width), s.Variable("key", batch * slots, width), s.Data("value", batch * slots, s.Size(20))));
    }

    /// <summary>One tensor (an identity) read by several operations, one of which would work in place: every reader's gradient must arrive.</summary>
    private static void FanOut(GradientCheckSubject s)
    {
        int length = s.Size(5), width = s.Size(12);
        Tensor x = s.Tape.TakeLast(s.VariableAwayFromZero("x", s.Size(4) * length, width), 1, "shared");
        s.AddToLoss(s.Tape.TakeLast(x, length));
        s.AddToLoss(s.Tape.ReluDropout(x, Dropout));
        s.AddToLoss(s.Tape.Gelu(x));
    }

    /// <summary>L = Σ_b e·(raw − target)² + p·cos(raw, target) + n·cos(raw, negative), with random e, p, n per sample.</summary>
    private static void VectorLoss(GradientCheckSubject s)
    {
        int batch = s.Size(5), slots = s.Size(6), dimension = s.Size(20);
        VectorLoss loss = s.Tape.VectorLoss(
            s.Variable("raw", batch, dimension), s.Data("target", batch, dimension), s.Data("context", batch * slots, dimension));
        loss.Slot = s.Size(slots) - 1;
        double[] factors = s.Numbers(3 * batch);
        s.AddToLoss(() => CosineLoss(s.Tape, loss, factors));
    }

    private static double CosineLoss(Tape tape, VectorLoss loss, double[] factors)
    {
        int batch = loss.Statistics.Rows, columns = loss.Statistics.Columns;
        var statistics = new double[loss.Statistics.Length];
        var coefficients = new double[loss.Coefficients.Length];
        tape.Device.Download(loss.Statistics.Value.Data, statistics);
        double total = 0;
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<double> row = statistics.AsSpan(b * columns, columns);
            (double e, double p, double n) = (factors[3 * b], factors[3 * b + 1], factors[3 * b + 2]);
            double toTarget = Math.Sqrt(row[LossStatistics.RawSquared] * row[LossStatistics.TargetSquared]);
            double toNegative = Math.Sqrt(row[LossStatistics.RawSquared] * row[LossStatistics.ContextSquared(loss.Slot)]);
            double positive = row[LossStatistics.RawTarget] / toTarget;
            double negative = row[LossStatistics.RawContext(loss.Slot)] / toNegative;
            total += e * row[LossStatistics.SquaredError] + p * positive + n * negative;
            Span<double> c = coefficients.AsSpan(b * LossCoefficients.Columns, LossCoefficients.Columns);
            c[LossCoefficients.Error] = 2 * e;
            c[LossCoefficients.Target] = p / toTarget;
            c[LossCoefficients.Negative] = n / toNegative;
            c[LossCoefficients.Raw] = -(p * positive + n * negative) / row[LossStatistics.RawSquared];
        }

        tape.Device.Upload(coefficients, loss.Coefficients.Value.Data);
        return total;
    }
}
