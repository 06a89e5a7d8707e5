using P6bNative.Autograd;
using P6bNative.Kernels.Devices;
using P6bNative.Kernels.Operations;

namespace P6bNative.Model.Tests;

/// <summary>A small model with random weights, its data and a training tape with the loss; on the Reference device unless told.</summary>
internal sealed class TinyModel : IDisposable
{
    public static readonly VectorPredictorConfig Config = new()
    {
        InputDimension = 7,
        ModelDimension = 8,
        Heads = 2,
        Layers = 2,
        FeedForward = 12,
        Dropout = 0,
    };

    public TinyModel(VectorPredictorConfig config, int batch, bool pruneLastLayer = true, Device? device = null)
    {
        Device = device ?? new ReferenceDevice();
        Model = config.Type == ModelType.Transformer
            ? new TransformerVectorPredictor(config, pruneLastLayer)
            : VectorPredictors.Create(config);
        Parameters = new ParameterSet(Device, Model.Layout);
        foreach (ParameterEntry entry in Model.Layout.Entries)
            Device.Upload(Numbers(entry.Length, seed: entry.Name.Sum(c => c), scale: 0.5), Parameters.Value(entry.Name));
        Tape = new Tape(Device) { Key = { Value = 99 } };
        Context = Tape.Input("context", batch * config.ContextLength, config.InputDimension);
        Target = Tape.Input("target", batch, config.InputDimension);
        Raw = Model.Record(Tape, Parameters, Context);
        Tape.Keep(Raw);
        VectorLoss = Tape.VectorLoss(Raw, Target, Context);
        VectorLoss.Slot = Math.Min(3, config.ContextLength - 1);
        Tape.Seal();
        Contexts = Numbers(Context.Length, seed: 1, scale: 1);
        Device.Upload(Contexts, Context.Value.Data);
        Device.Upload(Numbers(Target.Length, seed: 2, scale: 1), Target.Value.Data);
    }

    public Device Device { get; }

    public IVectorPredictor Model { get; }

    public ParameterSet Parameters { get; }

    public Tape Tape { get; }

    public Tensor Context { get; }

    public Tensor Target { get; }

    public Tensor Raw { get; }

    public VectorLoss VectorLoss { get; }

    public double[] Contexts { get; }

    /// <summary>Standard normal numbers times a scale.</summary>
    public static double[] Numbers(long count, int seed, double scale)
    {
        var random = new Random(seed);
        var numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = scale * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return numbers;
    }

    /// <summary>MSE − 0.3·mean cos(raw, target) + 0.2·mean cos(raw, context[slot]); writes the coefficients of its gradient.</summary>
    public double Loss()
    {
        int batch = Raw.Rows, dimension = Raw.Columns, columns = VectorLoss.Statistics.Columns;
        double[] statistics = Download(VectorLoss.Statistics.Value.Data);
        var coefficients = new double[batch * LossCoefficients.Columns];
        double loss = 0;
        for (int b = 0; b < batch; b++)
        {
            ReadOnlySpan<double> s = statistics.AsSpan(b * columns, columns);
            double toTarget = Math.Sqrt(s[LossStatistics.RawSquared] * s[LossStatistics.TargetSquared]);
            double toNegative = Math.Sqrt(s[LossStatistics.RawSquared] * s[LossStatistics.ContextSquared(VectorLoss.Slot)]);
            double positive = s[LossStatistics.RawTarget] / toTarget, negative = s[LossStatistics.RawContext(VectorLoss.Slot)] / toNegative;
            double p = -0.3 / batch, n = 0.2 / batch;
            loss += s[LossStatistics.SquaredError] / (batch * dimension) + p * positive + n * negative;
            Span<double> c = coefficients.AsSpan(b * LossCoefficients.Columns, LossCoefficients.Columns);
            c[LossCoefficients.Error] = 2.0 / (batch * dimension);
            c[LossCoefficients.Target] = p / toTarget;
            c[LossCoefficients.Negative] = n / toNegative;
            c[LossCoefficients.Raw] = -(p * positive + n * negative) / s[LossStatistics.RawSquared];
        }

        Device.Upload(coefficients, VectorLoss.Coefficients.Value.Data);
        return loss;
    }

    public void Step()
    {
        Tape.Forward();
        Loss();
        Tape.Backward();
    }

    public double[] Download(View view)
    {
        var values = new double[view.Length];
        Device.Download(view, values);
        return values;
    }

    public void Dispose()
    {
        Tape.Dispose();
        Parameters.Dispose();
        Device.Dispose();
    }
}
